from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "crm.activities"
    label = "activities"

    def ready(self) -> None:
        from crm.activities import panels  # the app registry must stand first

        panels.register()
