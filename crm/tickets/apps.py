from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "crm.tickets"
    label = "tickets"

    def ready(self) -> None:
        from crm.tickets import panels  # the app registry must stand first

        panels.register()
