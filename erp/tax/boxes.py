"""Drawing up a return: every box from the lines of the books, or from other boxes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, CharField, Q, Sum, Value, When
from django.utils.translation import gettext_lazy as _

from base.money import round_money
from base.refusals import NotFound, Refused
from erp.ledger.models import Company, JournalLine
from erp.ledger.taxes import BOUGHT, ROLES
from erp.statements.expressions import read_terms
from erp.tax.expressions import Taxes, read_tag
from erp.tax.models import BoxKind, ReturnBox, ReturnForm, VatReturn
from erp.tax.services import RateUnknown, rate

ZERO = Decimal("0.00")
COUNTED = (BoxKind.SOLD, BoxKind.BOUGHT, BoxKind.OUTPUT, BoxKind.INPUT)


class BoxUnknown(Refused):
    """A box adds what is not on the form, or, in the end, itself."""

    message = _("Box {box} adds box “{code}”, which is not there or adds it in turn.")
    status = 422
    field = "counts"


@dataclass(frozen=True)
class Moved:
    """What lines with one tax moved in the span on one part of the books; debit less credit."""

    tag: str
    tax_class: str
    rate: Decimal | None
    part: str
    amount: Decimal


@dataclass
class Figure:
    """A box with its amount, and the taxes behind it."""

    box: ReturnBox
    amount: Decimal
    tags: list[str] = field(default_factory=list)
    filed: Decimal | None = None
    """What the version that it is compared with had."""

    @property
    def is_counted(self) -> bool:
        """It leads to lines."""
        return self.box.kind in COUNTED

    @property
    def difference(self) -> Decimal:
        """How much more than what was filed."""
        return self.amount - (self.filed or ZERO)


@dataclass
class Drawn:
    """A return as the books have it."""

    form: ReturnForm
    company: Company
    start: date
    end: date
    known: datetime | None
    figures: list[Figure]
    output_tax: Decimal
    input_tax: Decimal
    left_out: list[Moved]
    """Tax in the books that no box counts: it would be declared nowhere."""

    @property
    def payable(self) -> Decimal:
        """What the form says is to be paid."""
        return self.figure("PAY").amount

    def figure(self, code: str) -> Figure:
        """The box of that code."""
        for one in self.figures:
            if one.box.code == code:
                return one
        raise NotFound(what=_("The box “{code}”").format(code=code))

    def lines_query(self, figure: Figure) -> str:
        """What the list of lines is asked for, so that it shows the lines behind the figure and no others."""
        told = {"tax_part": figure.box.kind, "tax_codes": ",".join(figure.tags), "start": self.start.isoformat(),
                "end": self.end.isoformat()}  # fmt: skip
        return urlencode(told | ({"known": self.known.isoformat()} if self.known else {}))

    def as_filed(self) -> dict[str, str]:
        """The figures as a version keeps them."""
        return {one.box.code: str(one.amount) for one in self.figures if one.box.kind != BoxKind.HEADING}


def draw_up(form: ReturnForm, company: Company, start: date, end: date, known: datetime | None = None) -> Drawn:
    """Every box over the span, as the books have it now or, with `known`, had it at that moment."""
    moved = _moved(company, start, end, known)
    figures: dict[str, Figure] = {}
    boxes = {box.code: box for box in form.boxes.all()}
    before = _filed_before(company, start)
    for box in boxes.values():
        _figure(box, boxes, figures, moved, before, company.base_currency)
    counted = [(Taxes.read(box.counts), box.kind) for box in boxes.values() if box.kind in COUNTED]
    lost = [
        one
        for one in moved
        if one.part in ROLES
        and one.amount
        and sum(1 for taxes, kind in counted if kind == one.part and taxes.has(one.tax_class, one.rate)) != 1
    ]
    return Drawn(
        form,
        company,
        start,
        end,
        known,
        [figures[code] for code in boxes],
        -sum((one.amount for one in moved if one.part == BoxKind.OUTPUT), ZERO),
        sum((one.amount for one in moved if one.part == BoxKind.INPUT), ZERO),
        lost,
    )


def _figure(
    box: ReturnBox,
    boxes: dict[str, ReturnBox],
    known: dict[str, Figure],
    moved: Iterable[Moved],
    before: dict[str, str],
    currency: str,
    asking: tuple[str, ...] = (),
) -> Figure:
    """The box's figure; boxes that it adds come first, wherever they stand on the form."""
    if box.code in known:
        return known[box.code]
    amount, tags = ZERO, list[str]()
    if box.kind in COUNTED:
        taxes = Taxes.read(box.counts)
        found = [one for one in moved if one.part == box.kind and taxes.has(one.tax_class, one.rate)]
        amount = sum((one.amount for one in found), ZERO) * (-1 if box.credit else 1)
        tags = sorted({one.tag for one in found})
    elif box.kind == BoxKind.CARRIED:
        amount = Decimal(before.get(box.counts, "0.00"))
    elif box.kind != BoxKind.HEADING:
        for sign, code in read_terms(box.counts):
            if code not in boxes or code in (*asking, box.code):
                raise BoxUnknown(box=box.code, code=code)
            other = _figure(boxes[code], boxes, known, moved, before, currency, (*asking, box.code))
            amount += sign * other.amount
        if box.kind == BoxKind.POSITIVE:
            amount = max(amount, ZERO)
    if box.factor != 1:
        amount = round_money(amount * box.factor, currency)
    if box.whole:
        amount = amount.quantize(Decimal(1), rounding=ROUND_DOWN)
    known[box.code] = Figure(box, amount, tags)
    return known[box.code]


def _moved(company: Company, start: date, end: date, known: datetime | None) -> list[Moved]:
    """The span's lines with tax, summed by their tax and part; one query."""
    lines = JournalLine.objects.filter(account__company=company, date__range=(start, end))
    if known:
        lines = lines.filter(entry__posted_at__lte=known)
    part = Case(
        *(When(account__role=role, then=Value(name)) for name, role in ROLES.items()),
        When(account__type__in=BOUGHT, then=Value("bought")),
        default=Value("sold"),
        output_field=CharField(),
    )
    rows = (
        lines.filter(~Q(tax_code="") | Q(account__role__in=ROLES.values()))
        .order_by()
        .annotate(part=part)
        .values_list("tax_code", "part")
        .annotate(amount=Sum("debit") - Sum("credit"))
    )
    return [Moved(tag, *_tax(tag, end, company), of, amount) for tag, of, amount in sorted(rows)]


def _tax(tag: str, on: date, company: Company) -> tuple[str, Decimal | None]:
    """Class and rate of a tag; one without a rate has that of its day."""
    tax_class, fraction = read_tag(tag)
    if fraction is None and tax_class:
        try:
            fraction = rate(tax_class, on, company.jurisdiction)
        except RateUnknown:
            return tax_class, None
    return tax_class, fraction


def _filed_before(company: Company, start: date) -> dict[str, str]:
    """The figures of the return that ends on the day before, as they were filed last."""
    found = VatReturn.objects.filter(company=company, ends_on=start - timedelta(days=1)).first()
    version: Any = found.versions.last() if found else None
    return dict(version.figures) if version else {}
