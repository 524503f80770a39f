"""The lists of the books: the journal and the vouchers."""

from typing import Any

from django.db.models import Count, QuerySet
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing, Tab
from base.listing.bulk import BulkAction
from base.templatetags.ui import status_badge
from base.ui import url_of
from erp.ledger import vouchers
from erp.ledger.dimension_lists import DIMENSIONS as DIMENSIONS
from erp.ledger.filters import EntryFilter, LineFilter, VoucherFilter
from erp.ledger.models import JournalEntry, JournalLine, Voucher, VoucherStatus
from erp.ledger.reports import add_balances
from erp.ledger.services import company

READERS = ("accountant", "auditor", "admin")
WRITERS = ("accountant", "admin")


def _entries(user: Any) -> QuerySet[JournalEntry]:
    found = JournalEntry.objects.visible_to(user).filter(company=company())
    return found.select_related("journal", "reversed_by", "company")


def _source(entry: JournalEntry) -> str:
    if entry.source_url:
        return format_html('<a href="{}">{}</a>', entry.source_url, entry.source_label)
    return entry.source_label


def _undone(entry: JournalEntry) -> str:
    if entry.reversal:
        return status_badge("reversed", _now("reversed"), "warn")
    return status_badge("reversal", _now("reversal"), "info") if entry.reverses_id else ""


def _undone_word(entry: JournalEntry) -> str:
    return _now("reversed") if entry.reversal else _now("reversal") if entry.reverses_id else ""


JOURNAL = Listing(
    name="journal",
    model=JournalEntry,
    title=_("Journal"),
    url_name="ledger:journal",
    rows=_entries,
    filterset=EntryFilter,
    order=("-date", "-pk"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s entry", "%(count)s entries", count) % {"count": f"{count:,}"},
    placeholder=_("Number or text"),
    bar=("journal", "start", "end"),
    buttons=(Button(_("Voucher"), "ledger:new_voucher", roles=WRITERS),),
    template="erp/ledger/books.html",
    columns=(
        Column(name="number", label=_("number")),
        Column(name="date", label=_("date"), kind=Kind.DATE, group=True),
        Column(
            name="journal", label=_("journal"), source="journal__code", value=lambda entry: str(entry.journal.label),
            group=True,
        ),
        Column(name="text", label=_("text"), wide=True),
        Column(
            name="source", label=_("source"), sort="source_type", cell=_source,
            value=lambda entry: str(entry.source_label),
        ),
        Column(name="total", label=_("total"), kind=Kind.MONEY, currency="company__base_currency", total=True),
        Column(name="state", label=_("state"), sort=False, value=_undone_word, cell=_undone, fields=("reverses",)),
        Column(name="by", label=_("by"), source="posted_by", group=True),
        Column(name="posted_at", label=_("posted"), kind=Kind.MOMENT, shown=False),
        Column(name="year", label=_("year"), kind=Kind.NUMBER, group=True, shown=False),
        Column(name="key", label=_("key"), wide=True, shown=False),
    ),
    empty=Empty(
        icon="book",
        title=_("No entries yet"),
        text=_(
            "Every invoice, receipt, move of goods and voucher that is posted stands here, numbered without a gap."
        ),
        none_title=_("Nothing fits"),
        none_text=_("Try fewer words or another choice."),
        button=Button(_("Write a voucher"), "ledger:new_voucher", roles=WRITERS),
    ),
)  # fmt: skip


def lines(user: Any) -> QuerySet[JournalLine]:
    """With what a row shows."""
    found = JournalLine.objects.visible_to(user).filter(entry__company=company())
    return found.select_related("entry__journal", "entry__company", "account", "cost_centre", "project")


def _party(line: JournalLine) -> str:
    return f"{url_of('parties:list')}?{urlencode({'q': line.party})}" if line.party else ""


def _amount(name: str, label: Any) -> Column:
    return Column(name=name, label=label, kind=Kind.MONEY, currency="entry__company__base_currency", total=True)


def _dimension(name: str, label: Any) -> Column:
    return Column(
        name=name, label=label, source=f"{name}__code", value=lambda line: str(getattr(line, name) or ""), group=True,
        shown=False,
    )  # fmt: skip


LINES = Listing(
    name="lines",
    model=JournalLine,
    title=_("Lines of the journal"),
    url_name="ledger:lines",
    trail=(_("Journal"), "ledger:journal"),
    rows=lines,
    filterset=LineFilter,
    order=("-date", "-pk"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s line", "%(count)s lines", count) % {"count": f"{count:,}"},
    placeholder=_("Text or entry"),
    bar=("journal", "start", "end"),
    row_url=lambda line: line.entry.get_absolute_url(),
    decorate=add_balances,
    columns=(
        Column(name="entry", label=_("entry"), source="entry__number"),
        Column(name="date", label=_("date"), kind=Kind.DATE, group=True),
        Column(
            name="account", label=_("account"), source="account__code", value=lambda line: str(line.account),
            url=lambda line: line.account.get_absolute_url(), group=True,
        ),
        Column(
            name="text", label=_("text"), sort=False, value=lambda line: line.text or line.entry.text,
            fields=("text",), wide=True,
        ),
        Column(name="party", label=_("party"), url=_party, group=True),
        Column(name="due", label=_("due"), kind=Kind.DATE),
        Column(
            name="source", label=_("source"), sort="entry__source_type", fields=("entry",),
            cell=lambda line: _source(line.entry), value=lambda line: str(line.entry.source_label),
        ),
        _amount("debit", _("debit")),
        _amount("credit", _("credit")),
        Column(
            name="balance", label=_("balance"), kind=Kind.MONEY, currency="entry__company__base_currency", sort=False,
            value=lambda line: getattr(line, "balance_after", None), fields=("debit", "credit"), shown=False,
        ),
        Column(
            name="journal", label=_("journal"), source="entry__journal__code",
            value=lambda line: str(line.entry.journal.label), group=True, shown=False,
        ),
        Column(name="tax_code", label=_("tax"), group=True, shown=False),
        _dimension("cost_centre", _("cost centre")),
        _dimension("project", _("project")),
        Column(name="currency", label=_("currency"), group=True, shown=False),
        Column(
            name="foreign", label=_("amount in its currency"), source="foreign_amount", kind=Kind.MONEY,
            currency="currency", shown=False,
        ),
    ),
    empty=Empty(
        icon="book",
        title=_("No lines yet"),
        text=_("Every line that is posted stands here, on the page of its account with the balance after it."),
        none_title=_("Nothing fits"),
        none_text=_("Try fewer words or another choice."),
        button=Button(_("To the journal"), "ledger:journal"),
    ),
)  # fmt: skip

OF_AN_ACCOUNT = "entry,date,text,party,due,source,debit,credit,balance"


def _vouchers(user: Any) -> QuerySet[Voucher]:
    found = Voucher.objects.visible_to(user).filter(company=company())
    return found.select_related("journal", "entry", "created_by", "company").with_sums()


def _states(asked: Any) -> list[Tab]:
    counts = dict(
        Voucher.objects.visible_to(asked.user)
        .filter(company=company())
        .order_by()
        .values_list("status")
        .annotate(Count("pk"))
    )
    states = [Tab(capfirst(label), {"status": value}, counts.get(value)) for value, label in VoucherStatus.choices]
    return [Tab(_("All"), {}), *states]


ACTIONS = (
    BulkAction(
        name="submit",
        label=_("Submit"),
        icon="send",
        roles=WRITERS,
        run=lambda voucher, user, _told: vouchers.submit(voucher, user),
    ),
    BulkAction(
        name="post",
        label=_("Post"),
        icon="check",
        roles=WRITERS,
        confirm=_("They go into the books for good; only a reversal undoes an entry."),
        run=lambda voucher, user, _told: vouchers.post(voucher, user),
    ),
    BulkAction(
        name="discard",
        label=_("Discard"),
        icon="trash",
        roles=WRITERS,
        confirm=_("They stay in the list of discarded vouchers."),
        run=lambda voucher, user, _told: vouchers.discard(voucher, user),
    ),
)

VOUCHERS = Listing(
    name="vouchers",
    model=Voucher,
    title=_("Vouchers"),
    url_name="ledger:vouchers",
    rows=_vouchers,
    filterset=VoucherFilter,
    order=("-pk",),
    roles=READERS,
    count=lambda count: ngettext("%(count)s voucher", "%(count)s vouchers", count) % {"count": f"{count:,}"},
    placeholder=_("Text or entry"),
    bar=("journal", "start", "end"),
    buttons=(Button(_("Voucher"), "ledger:new_voucher", roles=WRITERS),),
    template="erp/ledger/books.html",
    tabs=_states,
    actions=ACTIONS,
    columns=(
        Column(name="text", label=_("text")),
        Column(name="date", label=_("date"), kind=Kind.DATE, group=True),
        Column(
            name="journal", label=_("journal"), source="journal__code",
            value=lambda voucher: str(voucher.journal.label), group=True,
        ),
        Column(
            name="entry", label=_("entry"), source="entry__number",
            url=lambda voucher: voucher.entry.get_absolute_url() if voucher.entry else "",
        ),
        Column(
            name="debits", label=_("debit"), kind=Kind.MONEY, currency="company__base_currency", total=True,
        ),
        Column(
            name="credits", label=_("credit"), kind=Kind.MONEY, currency="company__base_currency", total=True,
        ),
        Column(
            name="status", label=_("state"), kind=Kind.STATUS, group=True,
            tone=lambda voucher: "warn" if voucher.status == VoucherStatus.SUBMITTED else "",
        ),
        Column(name="by", label=_("by"), source="created_by__username", group=True),
        Column(name="created_at", label=_("written"), kind=Kind.MOMENT),
        Column(name="note", label=_("why it came back"), wide=True, shown=False),
    ),
    empty=Empty(
        icon="pencil",
        title=_("No vouchers yet"),
        text=_(
            "A voucher is for what no document posts by itself: rent, wages, depreciation. It is a draft until you "
            "post it."
        ),
        none_title=_("None in this state"),
        none_text=_("Vouchers move from draft to posted; large ones wait for a second person in between."),
        button=Button(_("Write the first one"), "ledger:new_voucher", roles=WRITERS),
    ),
)  # fmt: skip
