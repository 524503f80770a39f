from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "erp.orders"
    label = "orders"

    def ready(self) -> None:
        from erp.inventory.following import FREED  # models need the app registry
        from erp.orders import panels
        from erp.orders import trail as trail_of_order
        from erp.orders.services import allocate_waiting, band_credit
        from erp.parties import trail as trail_of_party
        from erp.parties.following import CLASSED

        FREED.append(allocate_waiting)
        CLASSED.append(band_credit)
        trail_of_order.add_section(10, panels.promise)
        trail_of_party.add_section(20, panels.orders_of)
        trail_of_party.add_fact(10, panels.credit_of)
