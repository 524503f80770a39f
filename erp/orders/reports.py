"""Reads that span orders, the books and terms."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import DecimalField, ExpressionWrapper, F, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.money import round_money
from erp.ledger.reports import account_balance
from erp.ledger.services import base_currency
from erp.orders.models import Order, OrderLine, OrderStatus
from erp.parties.models import CreditBand, Party
from erp.rates.services import is_known, rate_on
from erp.tax.services import rate

FREIGHT_TAX_CLASS = "standard"
# At which part of the limit the band changes.
WATCH, TIGHT = Decimal("0.6"), Decimal("0.9")


def unbilled(party: Party) -> Decimal:
    """What the customer's accepted orders will still bring on invoices, freight and tax included, in the base
    currency: what is promised in another one at the rate of today."""
    part = ExpressionWrapper(
        F("net_amount") * (1 + F("tax_rate")) * (F("quantity") - F("quantity_invoiced")) / F("quantity"),
        output_field=DecimalField(max_digits=25, decimal_places=6),
    )
    theirs = Order.objects.filter(party__in=Party.objects.one_with(party)).binding()
    lines = OrderLine.objects.filter(order__in=theirs)
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for currency, total in lines.order_by().values_list("order__currency").annotate(total=Sum(part)):
        sums[currency] += total
    freights = theirs.filter(freight__gt=0, freight_invoiced=False)
    for currency, freight, day in freights.values_list("currency", "freight", "ordered_on"):
        sums[currency] += freight * (1 + rate(FREIGHT_TAX_CLASS, day))
    today = timezone.localdate()
    worth = (total * _rate(currency, today) for currency, total in sums.items())
    return round_money(sum(worth, Decimal(0)), base_currency())


def _rate(currency: str, today: date) -> Decimal:
    """The newest rate; what lost its rates since it was promised counts as it stands rather than not at all."""
    return rate_on(currency, today) if is_known(currency, today) else Decimal(1)


def owed(party: Party) -> Decimal:
    """The customer's open items, of all parties that are one with this one."""
    return account_balance("receivable", parties=Party.objects.one_with(party).values("code"))


def exposure(party: Party) -> Decimal:
    """What we would lose if they stopped paying today: open items and what is promised but not billed."""
    return owed(party) + unbilled(party)


def band(party: Party) -> str:
    """How near the customer is to the limit.

    Without a limit everything is open; on hold everything is stopped. One that was merged into another has the
    other's band.
    """
    party = party.whole
    if party.on_hold:
        return CreditBand.STOPPED
    if party.credit_limit is None:
        return CreditBand.OPEN
    used = exposure(party)
    if used > party.credit_limit:
        return CreditBand.STOPPED
    if used >= party.credit_limit * TIGHT:
        return CreditBand.TIGHT
    return CreditBand.WATCH if used >= party.credit_limit * WATCH else CreditBand.OPEN


@dataclass(frozen=True)
class Progress:
    """How far an order is with its goods, each as a part of what was ordered (0 to 1)."""

    reserved: Decimal
    shipped: Decimal
    invoiced: Decimal

    @property
    def word(self) -> str:
        """What comes next, in one word (a key of `base.ui.TONES` where it has a colour)."""
        if self.invoiced >= 1:
            return "invoiced"
        if self.shipped >= 1:
            return "shipped"
        if self.shipped > 0:
            return "partly_shipped"
        return "reserved" if self.reserved >= 1 else "backorder"

    @property
    def label(self) -> str:
        """The word for the reader."""
        return str(
            {
                "invoiced": _("Invoiced"),
                "shipped": _("Shipped"),
                "partly_shipped": _("Partly shipped"),
                "reserved": _("Reserved"),
                "backorder": _("Backorder"),
            }[self.word]
        )


def progress_of(orders: Iterable[Order]) -> dict[UUID, Progress]:
    """The progress of each order, in one query for a whole page of them."""
    lines = OrderLine.objects.filter(order__in=[order.pk for order in orders]).values("order").order_by()
    sums = lines.annotate(
        ordered=Sum("quantity"),
        reserved=Sum(F("quantity_reserved") + F("quantity_shipped")),
        shipped=Sum("quantity_shipped"),
        invoiced=Sum("quantity_invoiced"),
    )
    return {
        row["order"]: Progress(*(row[name] / row["ordered"] for name in ("reserved", "shipped", "invoiced")))
        for row in sums
    }


@dataclass(frozen=True)
class Steps:
    """One stage of an order's life, as `ui/steps.html` shows it."""

    label: str
    state: str
    at: datetime | None = None
    text: str = ""
    source: str = ""


def life(order: Order, lines: Sequence[OrderLine]) -> list[Steps]:
    """The order's life like a parcel's: promised, accepted, shipped, invoiced, done."""
    steps = [
        Steps(
            str(_("Promised") if order.deal else _("Drafted")),
            "done",
            order.created_at,
            order.deal_number,
            order.sold_by or order.created_by,
        )
    ]
    if order.status in {OrderStatus.REFUSED, OrderStatus.CANCELLED}:
        return [*steps, Steps(order.get_status_display(), "bad", order.decided_at, order.reason, order.decided_by)]
    if order.status in {OrderStatus.DRAFT, OrderStatus.HELD}:
        ahead = [Steps(str(label), "todo") for label in (_("Shipped"), _("Invoiced"), _("Completed"))]
        return [*steps, Steps(order.get_status_display(), "now", None, order.reason), *ahead]
    ordered = sum((line.quantity for line in lines), Decimal(0))
    shipped = sum((line.quantity_shipped for line in lines), Decimal(0))
    invoiced = sum((line.quantity_invoiced for line in lines), Decimal(0))
    short = any(line.quantity_short for line in lines)
    steps.append(
        Steps(str(_("Accepted")), "done", order.decided_at, str(_("part of it waits for goods")) if short else "")
    )
    steps.append(Steps(str(_("Shipped")), _part(shipped, ordered)))
    steps.append(Steps(str(_("Invoiced")), _part(invoiced, ordered)))
    done = order.status == OrderStatus.COMPLETED
    return [*steps, Steps(str(_("Completed")), "done" if done else "todo", order.completed_at)]


def _part(there: Decimal, whole: Decimal) -> str:
    if there >= whole:
        return "done"
    return "now" if there else "todo"
