import json
from typing import Any

from django.core.management.base import BaseCommand

from integration.contracts.books import BooksSealed
from integration.hub.models import Archived


class Command(BaseCommand):
    help = (
        "Print the heads of the books' seals as the ERP told them, one JSON line each, for `erp verify_books --heads`."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        told = Archived.objects.filter(type=BooksSealed.type).order_by("partition_key", "aggregate_seq")
        for body in told.values_list("body", flat=True).iterator():
            data = json.loads(bytes(body))["data"]
            kept = {name: data[name] for name in ("company", "position", "series", "year", "first", "last", "head")}
            self.stdout.write(json.dumps({**kept, "sealed_at": data["sealed_at"]}))
