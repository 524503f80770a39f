from typing import Any

from django.core.management.base import BaseCommand

from integration.hub.known import rebuild


class Command(BaseCommand):
    help = "Make what the detectors read again from the archive."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"read {rebuild()} events")
