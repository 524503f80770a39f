from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "crm.accounts"
    label = "accounts"

    def ready(self) -> None:
        from crm.accounts import merging, panels, pool, tag_bearers  # the app registry must stand first
        from crm.accounts.models import Account, Contact, PoolStay

        merging.follows(Contact, "account")
        merging.follows(PoolStay, "account", pool.end_by_merge)
        tag_bearers.bears(Account, "accounts:list")
        panels.add_fact(50, panels.credit)
        panels.add_section(95, panels.merged)
        panels.add_section(96, panels.stays)
