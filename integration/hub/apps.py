from django.apps import AppConfig
from django.db.models.signals import post_migrate


class HubConfig(AppConfig):
    name = "integration.hub"
    label = "hub"

    def ready(self) -> None:
        from integration.hub import resigning as hub_resigning  # the app registry must stand first
        from integration.hub.routes import make_routes
        from integration.outbox import resigning

        post_migrate.connect(make_routes, sender=self)
        resigning.register("integration", hub_resigning.revoke)
