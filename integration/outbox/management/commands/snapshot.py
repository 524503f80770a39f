from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from base import context
from integration.outbox import snapshots


class Command(BaseCommand):
    help = "Tell the present state of one kind of record again, as history: before or after a route is switched on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", help="for instance customers or products; `list` shows what there is")

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        known = snapshots.names()
        if what == "list":
            self.stdout.write("\n".join(known))
            return
        if what not in known:
            raise CommandError(f"There is no {what!r} to tell; there are: {', '.join(known) or 'none'}.")
        with context.acting("command line"):
            self.stdout.write(f"{snapshots.tell(what)} events told")
