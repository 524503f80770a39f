from django.apps import AppConfig


class FapiaoConfig(AppConfig):
    name = "erp.fapiao"
    label = "fapiao"

    def ready(self) -> None:
        from erp.fapiao import panels  # models need the app registry
        from erp.invoices import trail

        trail.add_section(10, panels.fapiaos_of_invoice)
