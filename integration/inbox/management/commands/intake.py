from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from base import context
from integration.inbox import intake


class Command(BaseCommand):
    help = "Open or close this side's intake of events; while it is closed, senders wait and nothing is lost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["open", "close", "show"])
        parser.add_argument("--reason", default="", help="why it is closed, for those who ask")

    def handle(self, *args: Any, what: str, reason: str, **options: Any) -> None:
        if settings.SIDE == "integration":
            raise CommandError("The hub always takes events in; pause a route or a direction there instead.")
        with context.acting("command line"):
            if what == "close":
                intake.close(reason)
            elif what == "open":
                intake.reopen()
        state = intake.closed()
        self.stdout.write(f"closed since {state.closed_at:%Y-%m-%d %H:%M} {state.reason}" if state else "open")
