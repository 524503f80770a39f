from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from base.refusals import Refused
from erp.tax import packs
from erp.tax.services import forget


class Command(BaseCommand):
    help = "Bring in what the law of these countries says: tax classes, rates, tax points, forms. What is there stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("countries", nargs="*", metavar="COUNTRY", help=f"of {', '.join(packs.names())}; all")

    def handle(self, *args: Any, countries: list[str], **options: Any) -> None:
        for country in countries or packs.names():
            try:
                new = packs.load(country)
            except Refused as refusal:
                raise CommandError(str(refusal)) from refusal
            self.stdout.write(f"{country.upper()}: {new} new")
        forget()
