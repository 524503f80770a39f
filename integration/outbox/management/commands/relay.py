from typing import Any

from django.core.management.base import BaseCommand

from integration import relaying


class Command(BaseCommand):
    help = "Send what this side tells and apply what it is told, until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        relaying.run()
