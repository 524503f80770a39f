from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from integration.rights import READERS


def make_roles(**_options: Any) -> None:
    """The side"s roles exist after every migrate."""
    from django.contrib.auth.models import Group  # the app registry must stand first

    for role in READERS:
        Group.objects.get_or_create(name=role)


class AccessConfig(AppConfig):
    name = "integration.access"
    label = "access"

    def ready(self) -> None:
        post_migrate.connect(make_roles, sender=self)
