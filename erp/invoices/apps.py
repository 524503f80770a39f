from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    name = "erp.invoices"
    label = "invoices"

    def ready(self) -> None:
        from erp.invoices import panels  # models need the app registry
        from erp.orders import trail
        from erp.parties import trail as party_trail

        trail.add_section(40, panels.invoices_of_order)
        trail.add_action(40, panels.issue)
        party_trail.add_section(10, panels.open_items_of_party)
        party_trail.add_fact(20, panels.statement_of)
