from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps


class LiaisonConfig(AppConfig):
    name = "integration.liaison"
    label = "liaison"

    def ready(self) -> None:
        """Every installed app's `comparing` module says which of its records the hub may compare."""
        import_module("integration.liaison.answers")
        for config in apps.get_app_configs():
            if find_spec(f"{config.name}.comparing"):
                import_module(f"{config.name}.comparing")
