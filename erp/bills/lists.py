"""The list of bills."""

from django.db.models.functions import Coalesce
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing
from base.listing.bulk import BulkAction
from base.templatetags.ui import date, status_badge
from base.ui import url_of
from erp.bills import services
from erp.bills.filters import BillFilter
from erp.bills.models import Bill, BillStatus
from erp.bills.roles import READERS, WRITERS


def state_of(bill: Bill) -> tuple[str, str, str]:
    """The state as people say it: a posted bill is open, overdue or paid."""
    if bill.status != BillStatus.POSTED:
        return bill.status, bill.get_status_display(), "warn" if bill.status == BillStatus.DRAFT else "quiet"
    if not bill.open_amount:
        return "paid", _now("paid"), "good"
    return ("overdue", _now("overdue"), "bad") if bill.is_overdue else ("open", _now("open"), "info")


def _due(bill: Bill) -> str:
    return format_html('<span class="late">{}</span>', date(bill.due)) if bill.is_overdue else date(bill.due)


BILLS = Listing(
    name="bills",
    model=Bill,
    title=_("Bills"),
    url_name="bills:list",
    rows=lambda user: Bill.objects.visible_to(user).for_list(),
    filterset=BillFilter,
    order=("-date", "-pk"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s bill", "%(count)s bills", count) % {"count": f"{count:,}"},
    placeholder=_("Number or supplier"),
    bar=("status", "start", "end"),
    buttons=(Button(_("New bill"), "bills:new", roles=WRITERS),),
    actions=(
        BulkAction(
            name="post",
            label=_("Post"),
            icon="check",
            roles=WRITERS,
            confirm=_("They go into the books for good."),
            run=lambda bill, user, _told: services.post(bill, user),
        ),
    ),
    columns=(
        Column(name="number", label=_("supplier's number")),
        Column(name="date", label=_("date"), kind=Kind.DATE, group=True),
        Column(name="due", label=_("due"), kind=Kind.DATE, cell=_due, group=True),
        Column(
            name="next_due", label=_("next due"), kind=Kind.DATE, sort=False, value=lambda bill: bill.next_due,
            shown=False,
        ),
        Column(
            name="party", label=_("supplier"), source="party__name", group=True,
            url=lambda bill: url_of("parties:detail", bill.party_id),
        ),
        Column(name="net", label=_("net"), kind=Kind.MONEY, currency="currency", total=True),
        Column(name="tax", label=_("tax"), kind=Kind.MONEY, currency="currency", total=True),
        Column(name="payable", label=_("to pay"), kind=Kind.MONEY, currency="currency", total=True),
        Column(name="open", label=_("open"), source="open_amount", kind=Kind.MONEY, currency="currency", total=True),
        Column(
            name="status", label=_("state"), group=True, value=lambda bill: state_of(bill)[1], source="status",
            cell=lambda bill: status_badge(*state_of(bill)),
        ),
        Column(
            name="entry", label=_("entry"), source="entry__number",
            url=lambda bill: bill.entry.get_absolute_url() if bill.entry else "",
        ),
        Column(name="currency", label=_("currency"), group=True, shown=False),
        Column(
            name="worth", label=_("open in the books"), source="house_open", kind=Kind.MONEY,
            value=lambda bill: bill.open_worth, total=Coalesce("house_open", "open_amount"),
            currency="company__base_currency", shown=False, needs=("company",),
        ),
        Column(name="party_code", label=_("supplier's code"), source="party__code", shown=False),
        Column(name="by", label=_("written by"), source="created_by__username", group=True, shown=False),
        Column(name="note", label=_("note"), wide=True, shown=False),
    ),
    empty=Empty(
        icon="file-import",
        title=_("No bill yet"),
        text=_("What a supplier asks is written here, posted with its input tax, and paid. A number is taken once."),
        none_title=_("No bill fits"),
        none_text=_("Try fewer words, another state or a longer time."),
        button=Button(_("Write the first one"), "bills:new", roles=WRITERS),
    ),
)  # fmt: skip
