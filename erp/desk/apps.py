from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "erp.desk"
    label = "desk"

    def ready(self) -> None:
        from erp.desk import panels  # models need the app registry
        from erp.orders import trail

        trail.add_section(80, panels.entries_of_order)
