"""The statement of one customer's account over a span: what stood, what moved, what stands, and what of it is open.

Its figures are the lines of the receivables account that name the customer, so that it ties to the books by being them;
the open items beside it come from the documents, and the difference between the two is shown where there is one.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Day
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format as shown_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.paper import set_page
from base.refusals import BadInput
from base.spreadsheets import write_xlsx
from erp.einvoice import pdf
from erp.einvoice.services import letterhead_of, seller_of
from erp.invoices import reports
from erp.invoices.models import InvoiceKind
from erp.ledger.models import JournalEntry, JournalLine
from erp.ledger.reports import account_balance
from erp.ledger.services import base_currency, company
from erp.openings.models import OpeningItem
from erp.parties.models import Party

ZERO = Decimal("0.00")
MOST_LINES = 5_000


class SpanTooLong(BadInput):
    """More than a page or a file should have."""

    message = gettext_lazy("The customer has more than {most} movements in that span; choose a shorter one.")
    field = "start"


@dataclass(frozen=True)
class Movement:
    """A line of the account, and what stands after it."""

    date: Day
    entry: JournalEntry
    due: Day | None
    debit: Decimal
    credit: Decimal
    balance: Decimal
    foreign: str = ""

    @property
    def what(self) -> str:
        """What kind of document it was, and its text."""
        return " · ".join(word for word in (self.entry.source_label, self.entry.text, self.foreign) if word)


@dataclass(frozen=True)
class OpenItem:
    """What is not settled at the end, and how late it is."""

    what: str
    url: str
    date: Day
    due: Day | None
    amount: Decimal
    days_late: int


@dataclass(frozen=True)
class CustomerStatement:
    """One customer, from the first to the last day."""

    party: Party
    start: Day
    end: Day
    currency: str
    opening: Decimal
    movements: list[Movement]
    open_items: list[OpenItem]
    deposits: Decimal

    @property
    def debit(self) -> Decimal:
        return sum((one.debit for one in self.movements), ZERO)

    @property
    def credit(self) -> Decimal:
        return sum((one.credit for one in self.movements), ZERO)

    @property
    def closing(self) -> Decimal:
        return self.opening + self.debit - self.credit

    @property
    def open_amount(self) -> Decimal:
        return sum((one.amount for one in self.open_items), ZERO)

    @property
    def overdue(self) -> Decimal:
        return sum((one.amount for one in self.open_items if one.days_late > 0), ZERO)

    @property
    def difference(self) -> Decimal:
        """Anything but zero is a fault: the documents and the books do not agree."""
        return self.open_amount - self.closing


def statement(party: Party, start: Day, end: Day) -> CustomerStatement:
    """The customer's account from `start` to `end`, both included."""
    if start > end:
        raise BadInput(why=_("The span ends before it begins."), field="end")
    opening = account_balance("receivable", party.code, start - timedelta(days=1))
    return CustomerStatement(
        party=party,
        start=start,
        end=end,
        currency=base_currency(),
        opening=opening,
        movements=_movements(party, start, end, opening),
        open_items=_open_items(party, end),
        deposits=-account_balance("customer_deposits", party.code, end),
    )


def _movements(party: Party, start: Day, end: Day, opening: Decimal) -> list[Movement]:
    lines = JournalLine.objects.filter(
        account__company=company(), account__role="receivable", party=party.code, date__range=(start, end)
    ).select_related("entry")
    found = list(lines.order_by("date", "id")[: MOST_LINES + 1])
    if len(found) > MOST_LINES:
        raise SpanTooLong(most=MOST_LINES)
    stands, movements = opening, []
    for line in found:
        stands += line.debit - line.credit
        foreign = f"{line.foreign_amount} {line.currency}" if line.foreign_amount else ""
        movements.append(Movement(line.date, line.entry, line.due, line.debit, line.credit, stands, foreign))
    return movements


def _open_items(party: Party, end: Day) -> list[OpenItem]:
    """Documents that are not settled on that day, and what was paid too much."""
    found = []
    for one in reports.open_items(end).filter(party=party).order_by("due", "id").prefetch_related("instalments"):
        due = None if one.kind == InvoiceKind.CREDIT_NOTE else one.due
        parts = reports.parts_then(one)
        found += [_item(one, part.instalment.due, end, part.open_then, part.worth_then, part.instalment.position)
                  for part in parts] or [_item(one, due, end, one.open_then, one.worth_then)]  # fmt: skip
    for item in OpeningItem.objects.receivables().open_on(end).filter(party=party):
        late = max((end - item.due).days, 0)
        found.append(OpenItem(f"{item.get_side_display()} {item.number}", item.get_absolute_url(), item.date, item.due,
                              item.open_then, late))  # fmt: skip
    found.sort(key=lambda one: one.due or one.date)
    for receipt, left in reports.rests_of(party, end):
        what = _("Paid too much, {number}").format(number=receipt.number)
        found.append(OpenItem(what, receipt.get_absolute_url(), receipt.date, None, -left, 0))
    return found


def _item(one: Any, due: Day | None, end: Day, left: Decimal, worth: Decimal, part: int = 0) -> OpenItem:
    """What is open of a document, or of an instalment of it."""
    count = len(one.instalments.all())
    instalment = _("instalment {part} of {count}").format(part=part, count=count) if part else ""
    foreign = "" if one.rate is None else f"{left} {one.currency}"
    what = " · ".join(word for word in (f"{one.get_kind_display()} {one.number}", instalment, foreign) if word)
    late = max((end - due).days, 0) if due else 0
    return OpenItem(what, one.get_absolute_url(), one.date, due, worth, late)


# ---- on paper and as a file ------------------------------------------------------------------------------------------


def printed(told: CustomerStatement, language: str) -> bytes:
    """As PDF, under our letterhead."""
    with translation.override(language):
        seller = seller_of(letterhead_of(company()))
        facts = {
            "told": told,
            "language": language,
            "seller": seller,
            "seller_lines": pdf.address_lines(seller),
            "heading": _("Statement of account"),
        }
        html = render_to_string("erp/invoices/statement_print.html", facts)
        return set_page(html, pdf.footer_of(seller))


def workbook(told: CustomerStatement) -> bytes:
    """As an Excel workbook: opening, movements, closing, and the open items below."""
    header = (_("Date"), _("Entry"), _("What"), _("Due"), _("Debit"), _("Credit"), _("Balance"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statement.xlsx"
        write_xlsx(path, header, _rows(told), f"{told.party.code} {shown_date(told.end)}")
        return path.read_bytes()


def _rows(told: CustomerStatement) -> list[Sequence[Any]]:
    rows: list[Sequence[Any]] = [(told.start, "", _("Opening balance"), "", "", "", told.opening)]
    for one in told.movements:
        rows.append((one.date, one.entry.number, one.what, one.due or "", one.debit, one.credit, one.balance))
    rows.append((told.end, "", _("Closing balance"), "", told.debit, told.credit, told.closing))
    if told.open_items:
        rows.append(("", "", _("Open on {date}").format(date=shown_date(told.end)), "", "", "", told.open_amount))
        rows += [(one.date, "", one.what, one.due or "", "", "", one.amount) for one in told.open_items]
    return rows
