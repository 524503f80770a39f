"""The list of opening items."""

from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing
from base.templatetags.ui import date, status_badge
from base.ui import url_of
from erp.openings.filters import OpeningItemFilter
from erp.openings.models import ItemStatus, OpeningItem
from erp.openings.roles import READERS, WRITERS


def state_of(item: OpeningItem) -> tuple[str, str, str]:
    """The state as people say it: past its day is louder than open."""
    if item.is_overdue:
        return "overdue", _now("overdue"), "bad"
    tones = {ItemStatus.OPEN: "info", ItemStatus.PARTLY_PAID: "warn", ItemStatus.PAID: "good"}
    return item.status, item.get_status_display(), tones.get(ItemStatus(item.status), "quiet")


def _due(item: OpeningItem) -> str:
    return format_html('<span class="late">{}</span>', date(item.due)) if item.is_overdue else date(item.due)


OPENING_ITEMS = Listing(
    name="opening_items",
    model=OpeningItem,
    title=_("Opening items"),
    url_name="openings:list",
    trail=(_("Invoices"), "invoices:list"),
    rows=lambda user: OpeningItem.objects.visible_to(user).for_list(),
    filterset=OpeningItemFilter,
    order=("due", "pk"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s item", "%(count)s items", count) % {"count": f"{count:,}"},
    placeholder=_("Number, customer or supplier"),
    bar=("status", "side", "opened_on"),
    buttons=(
        Button(_("Import"), "exchange:home", icon="table-import", roles=WRITERS),
        Button(_("Opening balances"), "openings:days", icon="scale", tone=""),
    ),
    columns=(
        Column(name="number", label=_("its number")),
        Column(name="side", label=_("kind"), kind=Kind.CHOICE, group=True),
        Column(
            name="party", label=_("party"), source="party__name", group=True,
            url=lambda item: url_of("parties:detail", item.party_id),
        ),
        Column(name="date", label=_("date"), kind=Kind.DATE, group=True),
        Column(name="due", label=_("due"), kind=Kind.DATE, cell=_due, group=True),
        Column(
            name="amount", label=_("unpaid at the opening"), kind=Kind.MONEY, currency="currency", total=True
        ),
        Column(name="open", label=_("open"), source="open_amount", kind=Kind.MONEY, currency="currency", total=True),
        Column(
            name="status", label=_("status"), sort=False, value=lambda item: state_of(item)[1],
            cell=lambda item: status_badge(*state_of(item)), fields=("open_amount",),
        ),
        Column(name="opened_on", label=_("in the books from"), kind=Kind.DATE, group=True),
        Column(
            name="entry", label=_("entry"), source="entry__number",
            url=lambda item: url_of("ledger:entry", item.entry_id),
        ),
        Column(name="party_code", label=_("party's code"), source="party__code", shown=False),
        Column(name="text", label=_("text"), wide=True, shown=False),
        Column(name="recorded_by", label=_("recorded by"), group=True, shown=False),
        Column(name="recorded_at", label=_("recorded"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="calendar-due",
        title=_("No opening item"),
        text=_(
            "What customers and suppliers had open when the books here began, with the numbers of those documents."
        ),
        none_title=_("No item fits"),
        none_text=_("Try fewer words, another status or another day."),
        button=Button(_("Import"), "exchange:home", roles=WRITERS),
    ),
)  # fmt: skip
