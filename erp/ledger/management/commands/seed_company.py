from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from base.fields import house_currency
from base.refusals import Refused
from erp.ledger import seeding, services
from erp.ledger.models import Company


class Command(BaseCommand):
    help = "Make the company with its chart of accounts, journals and periods; may be run again at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        own = settings.COMPANY
        parser.add_argument("--code", default=own["code"], help="of your own company; without it the demo company")
        parser.add_argument("--name", default=own["name"], help="as it stands on documents")
        parser.add_argument("--currency", default=house_currency(), help="of its books (ISO 4217)")
        parser.add_argument("--jurisdiction", default=own["jurisdiction"], help="whose tax it pays (ISO 3166)")
        parser.add_argument("--chart", default=own["chart"], help=f"chosen once: {', '.join(seeding.charts())}")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            company = self._company(options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"{company.name}: chart {company.chart}, {company.accounts.count()} accounts, "
            f"{company.periods.count()} periods"
        )

    def _company(self, options: dict[str, Any]) -> Company:
        """The one that was asked for; without a code the one that is here, else the demo company."""
        if not options["code"]:
            mine = Company.objects.order_by("created_at").first()
            own = mine is not None and mine.code != seeding.DEMO
            return mine if mine is not None and own else services.seed_company()
        if not options["name"]:
            raise CommandError("A company of your own needs a --name.")
        services.forget()
        return seeding.seed_company(
            options["code"], options["name"], options["currency"], options["jurisdiction"], options["chart"]
        )
