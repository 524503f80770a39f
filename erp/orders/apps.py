from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "erp.orders"
    label = "orders"

    def ready(self) -> None:
        from erp.orders.services import band_credit  # models need the app registry
        from erp.parties.following import CLASSED

        CLASSED.append(band_credit)
