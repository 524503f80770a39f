from django.apps import AppConfig


class HubConfig(AppConfig):
    name = "integration.hub"
    label = "hub"
