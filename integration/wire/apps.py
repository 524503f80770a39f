from django.apps import AppConfig


class WireConfig(AppConfig):
    name = "integration.wire"
    label = "wire"
