from typing import Any

from django.core.management.base import BaseCommand

from erp.ledger import sealing


class Command(BaseCommand):
    help = "Fold the balances and seal what was posted since the last time; the worker does it every few minutes."

    def handle(self, *args: Any, **options: Any) -> None:
        folded = sealing.fold()
        made = sealing.seal()
        self.stdout.write(f"{folded} entries folded; {sum(one.entries for one in made)} sealed in {len(made)} seals")
