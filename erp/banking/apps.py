from django.apps import AppConfig


class BankingConfig(AppConfig):
    name = "erp.banking"
    label = "banking"

    def ready(self) -> None:
        from erp.banking.services import link_deposits
        from erp.orders import following

        following.OPENED.append(link_deposits)
