from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "erp.orders"
    label = "orders"

    def ready(self) -> None:
        from erp.inventory.following import FREED
        from erp.orders.services import allocate_waiting, band_credit  # models need the app registry
        from erp.parties.following import CLASSED

        FREED.append(allocate_waiting)
        CLASSED.append(band_credit)
