from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps


class InboxConfig(AppConfig):
    name = "integration.inbox"
    label = "inbox"

    def ready(self) -> None:
        """Every installed app's `handlers` module registers what it handles."""
        for config in apps.get_app_configs():
            if find_spec(f"{config.name}.handlers"):
                import_module(f"{config.name}.handlers")
