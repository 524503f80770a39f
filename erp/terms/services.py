"""The verbs of payment terms, and what others ask: the plan of an amount."""

from collections.abc import Sequence
from datetime import date as Day
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from base.ids import uuid7
from base.recording import keep_made
from base.refusals import BadInput, ChangedMeanwhile
from base.roles import require
from erp.ledger.models import Company
from erp.ledger.services import company
from erp.terms import refusals
from erp.terms.following import changed
from erp.terms.models import CODE, PaymentTerms, TermsLine
from erp.terms.roles import KEEPERS
from erp.terms.schedule import DAYS_MAX, HUNDRED, Part, Step, plan

# What a new company may begin with: code, name, name in Chinese, lines.
COMMON: tuple[tuple[str, str, str, tuple[Step, ...]], ...] = (
    ("NET14", "Net 14 days", "14 天付清", (Step(HUNDRED, 14),)),
    ("NET30", "Net 30 days", "30 天付清", (Step(HUNDRED, 30),)),
    ("EOM30", "30 days end of month", "月结 30 天", (Step(HUNDRED, 30, month_end=True),)),
    ("HALF", "Half at once, half in 30 days", "首付一半，余款 30 天", (Step(Decimal(50), 0), Step(None, 30))),
    (
        "THIRDS",
        "Three monthly instalments",
        "分三期按月付款",
        (Step(Decimal("33.3333"), 30), Step(Decimal("33.3333"), 60), Step(None, 90)),
    ),
)


@transaction.atomic
def write_terms(
    code: str, name: str, lines: Sequence[Step], by: Any, *, name_zh: str = "", id: UUID | None = None
) -> PaymentTerms:
    """New terms; the same `id` again is the same terms."""
    require(by, *KEEPERS)
    if id is not None and (known := PaymentTerms.objects.filter(pk=id).first()):
        return known
    terms = PaymentTerms(id=id or uuid7(), company=company())
    _tell(terms, code, name, name_zh)
    terms.save(force_insert=True)
    _write_lines(terms, lines)
    return terms


@transaction.atomic
def change_terms(
    terms: PaymentTerms,
    by: Any,
    *,
    lines: Sequence[Step] | None = None,
    version: str = "",
    **told: str,
) -> PaymentTerms:
    """Other words or other days; what was issued keeps the days it was issued with."""
    require(by, *KEEPERS)
    assert set(told) <= {"code", "name", "name_zh"}, told
    terms = PaymentTerms.objects.select_for_update().get(pk=terms.pk)
    if version and version != terms.version:
        raise ChangedMeanwhile
    now = {name: getattr(terms, name) for name in ("code", "name", "name_zh")}
    _tell(terms, **{**now, **told})
    other_days = lines is not None and list(lines) != terms.steps
    if other_days or any(getattr(terms, name) != value for name, value in now.items()):
        terms.save()
    if other_days:
        assert lines is not None
        terms.lines.all().delete()
        _write_lines(terms, lines)
        changed(terms)
    return terms


@transaction.atomic
def remove_terms(terms: PaymentTerms, by: Any) -> None:
    """Take back terms that nobody has; the history keeps them."""
    require(by, *KEEPERS)
    terms = PaymentTerms.objects.select_for_update().get(pk=terms.pk)
    try:
        terms.delete()
    except ProtectedError:
        raise refusals.TermsUsed(code=terms.code) from None


@transaction.atomic
def seed_terms(of: Company) -> None:
    """The common ones, for a company that has none yet."""
    if PaymentTerms.objects.filter(company=of).exists():
        return
    for code, name, name_zh, lines in COMMON:
        terms = PaymentTerms.objects.create(company=of, code=code, name=name, name_zh=name_zh)
        _write_lines(terms, lines)


def plan_of(terms: PaymentTerms | None, days: int, dated: Day, amount: Decimal, currency: str) -> list[Part]:
    """When which part of an amount is due: by the terms, or all of it after so many days."""
    return plan([Step(HUNDRED, days)] if terms is None else terms.steps, dated, amount, currency)


def _tell(terms: PaymentTerms, code: str, name: str, name_zh: str) -> None:
    terms.code, terms.name, terms.name_zh = code.strip().upper(), name.strip(), name_zh.strip()
    try:
        CODE(terms.code)
    except ValidationError as error:
        raise BadInput(why=error.message, field="code") from None
    if not terms.name:
        raise BadInput(why=_("A name is needed."), field="name")
    same = PaymentTerms.objects.filter(company=terms.company_id, code=terms.code)
    if same.exclude(pk=terms.pk).exists():
        raise refusals.CodeTaken(code=terms.code)


def _write_lines(terms: PaymentTerms, lines: Sequence[Step]) -> None:
    _check(lines)
    made = [
        TermsLine(
            terms=terms,
            position=position,
            share=step.share,
            days=step.days,
            month_end=step.month_end,
            day_of_month=step.day_of_month,
        )
        for position, step in enumerate(lines, 1)
    ]
    TermsLine.objects.bulk_create(made)
    keep_made(made)


def _check(lines: Sequence[Step]) -> None:
    """What the database asks as well, in the reader's words."""
    if not lines:
        raise refusals.NoLines
    if any(step.share is None for step in lines[:-1]):
        raise refusals.RestIsLast
    told = sum((step.share for step in lines if step.share is not None), Decimal(0))
    if told > HUNDRED or (told < HUNDRED) != (lines[-1].share is None):
        raise refusals.SharesDiffer(sum=f"{told.normalize():f}")
    if any(step.days < 0 or step.days_at_most > DAYS_MAX for step in lines):
        raise refusals.TooLate
