from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integration import keys
from integration.outbox import resigning


class Command(BaseCommand):
    help = """This side's signing keys: list them, make the next one, activate it, retire or revoke one.
    Rotation: `keys next origin`, `keys activate <kid>`; the old key retires and what it has signed still counts.
    Lost or stolen: `keys next origin`, `keys revoke <kid>`; what it signed counts no more, and the events on their way
    are signed anew."""
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["list", "next", "activate", "retire", "revoke"])
        parser.add_argument("which", nargs="?", default="", help="`origin` or `hop` for next, else a key's id")

    def handle(self, *args: Any, what: str, which: str, **options: Any) -> None:
        side, folder, jwks = settings.SIDE, Path(settings.KEYS_DIR), Path(settings.JWKS_FILE)
        try:
            if what == "list":
                for entry in keys.own_keys(side, jwks):
                    since = entry.get(f"{entry['status']}_at", "")
                    self.stdout.write(f"{entry['kid']:32} {entry['purpose']:8} {entry['status']:9} {since}")
            elif what == "next":
                self.stdout.write(keys.make_next(side, which, folder, jwks))
            elif what == "activate":
                keys.activate(side, which, folder, jwks)
            elif what == "retire":
                keys.retire(side, which, folder, jwks)
            else:
                heir, again = resigning.revoke(which)
                self.stdout.write(f"revoked; {heir or 'no key'} signs now; {again} events are signed anew")
        except keys.KeyRefused as refusal:
            raise CommandError(str(refusal)) from None
