from django.apps import AppConfig


class BankingConfig(AppConfig):
    name = "erp.banking"
    label = "banking"

    def ready(self) -> None:
        from erp.banking import panels  # models need the app registry
        from erp.banking.services import link_deposits
        from erp.orders import following, trail
        from erp.parties import trail as party_trail

        following.OPENED.append(link_deposits)
        trail.add_section(20, panels.deposits_of_order)
        trail.add_section(50, panels.receipts_of_order)
        party_trail.add_section(30, panels.deposits_of_party)
