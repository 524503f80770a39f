from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "crm.accounts"
    label = "accounts"

    def ready(self) -> None:
        from crm.accounts import merging, panels  # the app registry must stand first
        from crm.accounts.models import Contact

        merging.follows(Contact, "account")
        panels.add_fact(50, panels.credit)
        panels.add_section(95, panels.merged)
