from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "crm.accounts"
    label = "accounts"

    def ready(self) -> None:
        from crm.accounts import panels  # the app registry must stand first

        panels.add_fact(50, panels.credit)
