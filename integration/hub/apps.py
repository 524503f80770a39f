from django.apps import AppConfig
from django.db.models.signals import post_migrate


class HubConfig(AppConfig):
    name = "integration.hub"
    label = "hub"

    def ready(self) -> None:
        from integration.hub.routes import make_routes  # the app registry must stand first

        post_migrate.connect(make_routes, sender=self)
