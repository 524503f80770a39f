"""Reads that tickets need of deals: what of a deal was shipped and may still come back."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from crm.accounts.models import Account
from crm.pipeline.models import Deal, DealShipment
from crm.tickets.models import ReturnLine, ReturnStatus


@dataclass(frozen=True)
class Returnable:
    """One product of a deal: how many went out, how many are on their way back or wanted back, how many are left."""

    sku: str
    description: str
    shipped: Decimal
    asked: Decimal

    @property
    def left(self) -> Decimal:
        return max(self.shipped - self.asked, Decimal(0))


def returnable(deal: Deal) -> list[Returnable]:
    """Everything shipped of the deal by SKU, as far as the ERP has told us."""
    shipped: dict[str, Decimal] = defaultdict(Decimal)
    for lines in DealShipment.objects.filter(deal=deal).values_list("lines", flat=True):
        for line in lines:
            shipped[line["sku"]] += Decimal(line["quantity"])
    asked = asked_back(deal)
    names = {sku: text for sku, text in deal.lines.values_list("sku", "description") if text}
    return [
        Returnable(sku, names.get(sku, ""), quantity, asked.get(sku, Decimal(0)))
        for sku, quantity in sorted(shipped.items())
    ]


def asked_back(deal: Deal) -> dict[str, Decimal]:
    """What earlier requests that were not refused want back, by SKU."""
    rows = (
        ReturnLine.objects.filter(request__deal=deal)
        .exclude(request__status=ReturnStatus.REFUSED)
        .order_by()
        .values("sku")
        .annotate(total=Sum("quantity"))
    )
    return {row["sku"]: row["total"] for row in rows}


def deals_with_goods(account: Account) -> QuerySet[Any]:
    """The account's deals of which at least one parcel went out, newest first."""
    return Deal.objects.filter(account=account, shipments__isnull=False).distinct().order_by("-id")
