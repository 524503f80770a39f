from importlib import import_module

from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "base"
    label = "base"

    def ready(self) -> None:
        """Extensions of the OpenAPI document register themselves by being imported."""
        import_module("base.openapi")
