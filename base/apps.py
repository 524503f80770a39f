from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules


class BaseConfig(AppConfig):
    name = "base"
    label = "base"

    def ready(self) -> None:
        """What registers itself is imported; the side's Celery app becomes the current one: pages send work, too."""
        import_module("base.openapi")
        import_module(f"{settings.SIDE}.celery")
        autodiscover_modules("lists")
