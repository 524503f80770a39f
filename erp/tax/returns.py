"""The verbs of returns: file a span, take a filed return up again, say how the company is taxed."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput, NotFound
from base.roles import require
from erp.ledger.models import Company, Period
from erp.ledger.services import still_period
from erp.tax.boxes import Drawn, draw_up
from erp.tax.models import ReturnForm, ReturnVersion, TaxProfile, VatReturn
from erp.tax.refusals import NoForm, NotOver, TaxLeftOut, filing_rules
from erp.tax.roles import KEEPERS
from erp.tax.services import forget, profile_of

PROFILE_FIELDS = ("regime", "basis", "rounding", "form", "months")


@dataclass(frozen=True)
class Span:
    """The days of a return."""

    start: date
    end: date

    def __str__(self) -> str:
        return f"{self.start.isoformat()} – {self.end.isoformat()}"


def span_from(start: date, months: int) -> Span:
    """A span of whole months.

    >>> str(span_from(date(2026, 11, 1), 3))
    '2026-11-01 – 2027-01-31'
    """
    if start.day != 1:
        raise BadInput(why=_("A return begins on the first day of a month."), field="start")
    index = start.year * 12 + start.month - 1 + months
    return Span(start, date(index // 12, index % 12 + 1, 1) - timedelta(days=1))


def next_span(company: Company, today: date | None = None) -> Span:
    """The first span after the last one that was filed; before the first return, the one that ended last."""
    months = profile_of(company).months
    last = VatReturn.objects.filter(company=company).order_by("-ends_on").first()
    if last:
        return span_from(last.ends_on + timedelta(days=1), months)
    day = today or timezone.localdate()
    index = day.year * 12 + (day.month - 1) // months * months - months
    return span_from(date(index // 12, index % 12 + 1, 1), months)


def form_of(company: Company) -> ReturnForm:
    """The return that the company files."""
    profile = profile_of(company)
    form = profile.form or ReturnForm.objects.filter(jurisdiction=company.jurisdiction, regime=profile.regime).first()
    if form is None:
        raise NoForm
    return form


@transaction.atomic
def file(company: Company, span: Span, by: Any) -> VatReturn:
    """Declare the span: its figures are kept for good, and nothing with tax is posted into it any more.

    Filed anew while it is being amended, it gets its next version; those before stay.
    """
    require(by, *KEEPERS)
    if span.end >= timezone.localdate():
        raise NotOver(ends_on=span.end)
    periods = Period.objects.filter(company=company, starts_on__lte=span.end, ends_on__gte=span.start)
    for period in periods.order_by("starts_on"):
        still_period(period)
    drawn = draw_up(form_of(company), company, span.start, span.end)
    if drawn.left_out:
        first = drawn.left_out[0]
        raise TaxLeftOut(amount=abs(first.amount), code=first.tag)
    body = {
        "company": company.pk,
        "form": drawn.form.pk,
        "starts_on": span.start,
        "ends_on": span.end,
        "figures": drawn.as_filed(),
        "output_tax": drawn.output_tax,
        "input_tax": drawn.input_tax,
        "payable": drawn.payable,
        "by": by.get_username(),
    }
    with filing_rules():
        return _one("SELECT * FROM public.tax_file(%s::jsonb)", [json.dumps(body, default=str)])


@transaction.atomic
def reopen(vat_return: VatReturn, by: Any, reason: str) -> VatReturn:
    """Take a filed return up again to amend it: by a second person, with a reason; its span takes tax until then."""
    require(by, *KEEPERS)
    asked = [vat_return.pk, by.get_username(), reason.strip()[:250]]
    with filing_rules():
        return _one("SELECT * FROM public.tax_reopen(%s, %s, %s)", asked)


def drawn_again(vat_return: VatReturn) -> Drawn:
    """The return as the books have it now, beside what was filed last."""
    drawn = draw_up(vat_return.form, vat_return.company, vat_return.starts_on, vat_return.ends_on)
    compare(drawn, vat_return.versions.last())
    return drawn


def drawn_as_filed(version: ReturnVersion) -> Drawn:
    """A version as it was filed, beside the one before it; its lines are those that were known then."""
    of = version.vat_return
    drawn = draw_up(of.form, of.company, of.starts_on, of.ends_on, version.filed_at)
    for figure in drawn.figures:
        if figure.box.code in version.figures:
            figure.amount = Decimal(version.figures[figure.box.code])
    compare(drawn, of.versions.filter(version=version.version - 1).first())
    return drawn


def compare(drawn: Drawn, with_version: ReturnVersion | None) -> None:
    """Put beside each box what that version had."""
    if with_version is None:
        return
    for figure in drawn.figures:
        if figure.box.code in with_version.figures:
            figure.filed = Decimal(with_version.figures[figure.box.code])


@transaction.atomic
def set_profile(company: Company, by: Any, **told: Any) -> TaxProfile:
    """How the company is taxed from now on; what was invoiced and filed keeps what it had."""
    require(by, *KEEPERS)
    assert set(told) <= set(PROFILE_FIELDS), told
    profile, _new = TaxProfile.objects.select_for_update().get_or_create(company=company)
    for name, value in told.items():
        setattr(profile, name, value)
    if profile.form and profile.form.jurisdiction != company.jurisdiction:
        raise BadInput(why=_("This return is for another country."), field="form")
    profile.save()
    forget()
    return profile


def _one(statement: str, parameters: list[Any]) -> VatReturn:
    for found in VatReturn.objects.raw(statement, parameters):
        return found
    raise NotFound(what=_("The return"))
