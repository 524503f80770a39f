from typing import Any

from django.core.management.base import BaseCommand

from erp.ledger.services import seed_company


class Command(BaseCommand):
    help = "Make the company with its chart of accounts, journals and periods; may be run again at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        company = seed_company()
        self.stdout.write(f"{company.name}: {company.accounts.count()} accounts, {company.periods.count()} periods")
