from django.apps import AppConfig


class ShippingConfig(AppConfig):
    name = "erp.shipping"
    label = "shipping"

    def ready(self) -> None:
        from erp.orders import trail  # models need the app registry
        from erp.shipping import panels

        trail.add_section(30, panels.shipments)
        trail.add_section(70, panels.moves)
        trail.add_action(30, panels.ship)
