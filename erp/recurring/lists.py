"""The list of recurring vouchers."""

from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing
from base.listing.bulk import BulkAction
from erp.ledger.roles import READERS, WRITERS
from erp.ledger.services import company
from erp.recurring import services
from erp.recurring.filters import RecurringFilter
from erp.recurring.models import RecurringStatus, RecurringVoucher


def _rows(user: Any) -> QuerySet[RecurringVoucher]:
    found = RecurringVoucher.objects.visible_to(user).filter(company=company())
    return found.select_related("journal", "created_by", "company").annotate(amount=Sum("lines__debit"))


RECURRING = Listing(
    name="recurring",
    model=RecurringVoucher,
    title=_("Recurring vouchers"),
    url_name="recurring:list",
    rows=_rows,
    filterset=RecurringFilter,
    order=("name", "pk"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s recurring voucher", "%(count)s recurring vouchers", count)
    % {"count": f"{count:,}"},
    placeholder=_("Name or text"),
    bar=("status", "every"),
    buttons=(Button(_("Recurring voucher"), "recurring:new", roles=WRITERS),),
    template="erp/ledger/books.html",
    actions=(
        BulkAction(
            name="pause",
            label=_("Pause"),
            icon="player-pause",
            roles=WRITERS,
            run=lambda recurring, user, _told: services.pause(recurring, user),
        ),
        BulkAction(
            name="resume",
            label=_("Resume"),
            icon="player-play",
            roles=WRITERS,
            confirm=_("What became due meanwhile is written at once."),
            run=lambda recurring, user, _told: services.resume(recurring, user),
        ),
    ),
    columns=(
        Column(name="name", label=_("name")),
        Column(name="every", label=_("how often"), value=lambda one: one.get_every_display(), group=True),
        Column(name="next_on", label=_("next"), kind=Kind.DATE, group=True),
        Column(name="amount", label=_("amount"), kind=Kind.MONEY, currency="company__base_currency"),
        Column(
            name="journal", label=_("journal"), source="journal__code", value=lambda one: str(one.journal.label),
            group=True,
        ),
        Column(
            name="written", label=_("written"), kind=Kind.NUMBER,
            cell=lambda one: f"{one.written} / {one.times}" if one.times else str(one.written),
        ),
        Column(
            name="status", label=_("state"), kind=Kind.STATUS, group=True,
            tone=lambda one: "good" if one.status == RecurringStatus.ACTIVE else "",
        ),
        Column(name="text", label=_("text"), wide=True, shown=False),
        Column(name="by", label=_("written by"), source="created_by__username", group=True, shown=False),
    ),
    empty=Empty(
        icon="repeat",
        title=_("Nothing recurs yet"),
        text=_(
            "Rent, wages, depreciation: write it once, and a draft waits for you on its day. Spread a prepaid year "
            "over its months, or keep a template for what comes without a rhythm."
        ),
        none_title=_("None fits"),
        none_text=_("Try fewer words or another state."),
        button=Button(_("Write the first one"), "recurring:new", roles=WRITERS),
    ),
)  # fmt: skip
