from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from base.refusals import Refused
from erp.ledger.services import base_currency
from erp.revaluation import services


class Command(BaseCommand):
    help = "Revalue open foreign items at the rates of a day: --by USER. --dry-run: say what would change."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("day", type=date.fromisoformat, help="the period's end, as 2026-10-31")
        parser.add_argument("--by", default="", help="the accountant who does it")
        parser.add_argument("--dry-run", action="store_true", help="change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        house = base_currency()
        try:
            if options["dry_run"]:
                found = services.due(options["day"])
                for one in found:
                    self.stdout.write(
                        f"{one.document}: {one.open_amount} {one.currency} at {one.rate.normalize():f}, "
                        f"{one.before} → {one.after} {house}"
                    )
                self.stdout.write(f"{len(found)} items would change")
                return
            user = get_user_model().objects.filter(username=options["by"], is_active=True).first()
            if user is None:
                raise CommandError("Say who does it: --by USER")
            made = services.revalue(options["day"], user)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if made is None:
            self.stdout.write("0 items changed")
            return
        self.stdout.write(
            f"{made.lines.count()} items changed: {made.gain} {house} gained, {made.loss} {house} lost, "
            f"entry {made.entry.number}"
        )
