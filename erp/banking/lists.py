"""The lists of receipts and of deposits."""

from typing import Any

from django.db.models import Case, Count, DecimalField, ExpressionWrapper, F, Q, QuerySet, When
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing, Tab
from base.templatetags.ui import when
from base.ui import url_of
from erp.banking.filters import DepositFilter, ReceiptFilter
from erp.banking.models import MONEY_OUT, Deposit, DepositStatus, Receipt
from erp.banking.roles import ACCOUNTANTS, AUDITORS

_MONEY: "DecimalField[Any, Any]" = DecimalField(max_digits=25, decimal_places=2)


def with_sign(rows: QuerySet[Receipt]) -> QuerySet[Receipt]:
    """With the amount as the bank account sees it: a refund takes off."""
    signed = Case(When(kind__in=MONEY_OUT, then=-F("amount")), default=F("amount"), output_field=_MONEY)
    return rows.select_related("party", "entry").annotate(signed=signed)


RECEIPTS = Listing(
    name="receipts",
    model=Receipt,
    title=_("Receipts"),
    url_name="banking:receipts",
    rows=lambda user: with_sign(Receipt.objects.visible_to(user)),
    filterset=ReceiptFilter,
    order=("-date", "-pk"),
    roles=(*ACCOUNTANTS, *AUDITORS),
    count=lambda count: ngettext("%(count)s receipt", "%(count)s receipts", count) % {"count": f"{count:,}"},
    placeholder=_("Number, reference or customer"),
    bar=("kind", "start", "end"),
    columns=(
        Column(name="number", label=_("number")),
        Column(name="date", label=_("date"), kind=Kind.DATE, group=True),
        Column(name="kind", label=_("kind"), kind=Kind.CHOICE, group=True),
        Column(name="party", label=_("customer"), source="party__name", group=True),
        Column(name="method", label=_("how"), kind=Kind.CHOICE, group=True),
        Column(name="reference", label=_("reference"), wide=True),
        Column(
            name="entry", label=_("entry"), source="entry__number",
            url=lambda receipt: url_of("ledger:entry", receipt.entry_id),
        ),
        Column(name="recorded_by", label=_("recorded by"), group=True),
        Column(
            name="amount", label=_("amount"), source="signed", kind=Kind.MONEY, currency="currency", total=True,
            fields=("amount",),
        ),
        Column(name="party_code", label=_("customer's code"), source="party__code", shown=False),
        Column(name="currency", label=_("currency"), group=True, shown=False),
        Column(
            name="booked", label=_("booked by the bank"), source="house_amount", kind=Kind.MONEY,
            currency="company__base_currency", shown=False, needs=("company",),
        ),
        Column(name="recorded_at", label=_("recorded"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="cash",
        title=_("No money yet"),
        text=_("A payment is entered at its invoice, a deposit at its task; both appear here with their entry."),
        none_title=_("No receipt fits"),
        none_text=_("Try fewer words or a longer time."),
        button=Button(_("Invoices"), "invoices:list"),
    ),
)  # fmt: skip


def with_rest(rows: QuerySet[Deposit]) -> QuerySet[Deposit]:
    """With what came in and what is left of it."""
    gross = ExpressionWrapper(F("net") + F("tax"), output_field=_MONEY)
    left = ExpressionWrapper(F("net") + F("tax") - F("consumed_amount") - F("refunded_amount"), output_field=_MONEY)
    return rows.select_related("party", "order", "receipt").annotate(came_in=gross, left=left)


def _due(deposit: Deposit) -> str:
    """Its clock, loud when it has run down."""
    if deposit.is_overdue:
        return format_html('<span class="late">{}</span>', when(deposit.due_at))
    return when(deposit.due_at)


def _order(deposit: Deposit) -> str:
    if deposit.order is None:
        return format_html('<span class="muted">{}</span>', _now("not here yet"))
    return format_html('<a href="{}">{}</a>', url_of("orders:detail", deposit.order_id), deposit.order.number)


def _step(deposit: Deposit) -> str:
    """What is to be done with it now, one press away."""
    if deposit.status != DepositStatus.REPORTED:
        return ""
    button = (
        '<a class="button button--small button--primary" href="{}" hx-get="{}" hx-target="#sheet-body" '
        'hx-swap="innerHTML">{}</a>'
    )
    return format_html(button, deposit.get_absolute_url(), reverse("banking:book", args=[deposit.pk]), _now("Book"))


def _piles(asked: Any) -> list[Tab]:
    rows = asked.listing.rows(asked.user).order_by()
    counts = rows.aggregate(
        waiting=Count("pk", filter=Q(status=DepositStatus.REPORTED)),
        booked=Count("pk", filter=Q(status=DepositStatus.BOOKED)),
    )
    return [
        Tab(_("To book"), {"status": DepositStatus.REPORTED.value}, counts["waiting"]),
        Tab(_("Booked, not used up"), {"status": DepositStatus.BOOKED.value}, counts["booked"]),
        Tab(_("All"), {"status": "all"}),
    ]


DEPOSITS = Listing(
    name="deposits",
    model=Deposit,
    title=_("Deposits"),
    url_name="banking:deposits",
    rows=lambda user: with_rest(Deposit.objects.visible_to(user)),
    filterset=DepositFilter,
    order=("due_at", "pk"),
    roles=(*ACCOUNTANTS, *AUDITORS),
    count=lambda count: ngettext("%(count)s deposit", "%(count)s deposits", count) % {"count": f"{count:,}"},
    placeholder=_("Reference, order or customer"),
    bar=("start", "end"),
    buttons=(Button(_("Unreported deposit"), "banking:new_deposit", tone="", roles=ACCOUNTANTS),),
    defaults=lambda _user: {"status": DepositStatus.REPORTED.value},
    tabs=_piles,
    columns=(
        Column(name="due", label=_("due"), source="due_at", kind=Kind.MOMENT, cell=_due),
        Column(name="party", label=_("customer"), source="party__name", group=True),
        Column(name="order", label=_("order"), source="order__number", cell=_order),
        Column(name="reference", label=_("reference"), wide=True),
        Column(name="reported_by", label=_("reported by"), group=True),
        Column(name="reported_on", label=_("reported"), kind=Kind.DATE, group=True),
        Column(name="status", label=_("status"), kind=Kind.STATUS, group=True),
        Column(
            name="amount", label=_("amount reported"), source="reported_amount", kind=Kind.MONEY,
            currency="currency", total=True,
        ),
        Column(name="step", label=_("step"), value=lambda _deposit: "", cell=_step, sort=False, roles=ACCOUNTANTS),
        Column(
            name="receipt", label=_("receipt"), source="receipt__number", shown=False,
            url=lambda deposit: deposit.receipt.get_absolute_url() if deposit.receipt else "",
        ),
        Column(
            name="came_in", label=_("received"), kind=Kind.MONEY, currency="currency", total=True, shown=False,
            fields=("net", "tax"),
        ),
        Column(name="net", label=_("net"), kind=Kind.MONEY, currency="currency", total=True, shown=False),
        Column(name="tax", label=_("tax"), kind=Kind.MONEY, currency="currency", total=True, shown=False),
        Column(
            name="left", label=_("left"), kind=Kind.MONEY, currency="currency", total=True, shown=False,
            fields=("net", "tax", "consumed_amount"),
        ),
        Column(name="booked_on", label=_("received on"), kind=Kind.DATE, group=True, shown=False),
        Column(name="booked_by", label=_("booked by"), group=True, shown=False),
        Column(name="dismissal", label=_("why dismissed"), wide=True, shown=False),
    ),
    empty=Empty(
        icon="pig-money",
        title=_("No deposit waits"),
        text=_(
            "When a rep hears of money, the task appears here the same minute; it is due the same working day, because "
            "the tax on it is."
        ),
        none_title=_("No deposit fits"),
        none_text=_("Try fewer words or another status."),
    ),
)  # fmt: skip
