from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "crm.leads"
    label = "leads"

    def ready(self) -> None:
        from crm.leads import panels  # the app registry must stand first

        panels.register()
