from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "crm.accounts"
    label = "accounts"

    def ready(self) -> None:
        from django.contrib.auth import get_user_model  # the app registry must stand first

        from crm.accounts import merging, panels, pool, sharing, tag_bearers, ways
        from crm.accounts.models import Account, AccountShare, Contact, PoolStay

        ways.add(sharing.WAY)
        get_user_model().LENT_SQL = ways.LENT_SQL

        merging.follows(Contact, "account")
        merging.follows(PoolStay, "account", pool.end_by_merge)
        merging.follows(AccountShare, "account", sharing.settle)
        tag_bearers.bears(Account, "accounts:list")
        panels.add_fact(50, panels.credit)
        panels.add_section(90, panels.shares)
        panels.add_section(95, panels.merged)
        panels.add_section(96, panels.stays)
