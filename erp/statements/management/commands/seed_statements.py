from typing import Any

from django.core.management.base import BaseCommand

from erp.ledger.services import company
from erp.statements.services import seed


class Command(BaseCommand):
    help = "Bring in the layouts of balance sheet and profit and loss; those that are there stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        made = seed(company())
        self.stdout.write(", ".join(one.code for one in made))
