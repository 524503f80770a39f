"""What a line may be told apart by beside its account: the cost centre that bears it and the project it is for."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from base.fields import TimeStamped, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.ledger.chart import Bilingual, Company
from erp.ledger.roles import READERS


class DimensionKind(models.TextChoices):
    """The kinds that lines have a column for."""

    COST_CENTRE = "cost_centre", _("cost centre")
    PROJECT = "project", _("project")


KINDS: tuple[str, ...] = tuple(DimensionKind.values)
LINE_PARTS = ("lines__account", *(f"lines__{kind}" for kind in KINDS))
"""What a page or an answer reads of a document's lines with it, to be fetched beforehand."""

WITHOUT = "-"
"""In place of a code: the lines that name none."""

WORD = r'^[^\s,;|()"]+$'
"""A code is one word, as lines of plain text name it."""

Rows = TypeVar("Rows", bound=QuerySet[Any])
Only = Mapping[str, str]
"""What a report is narrowed to: codes by kind."""


class DimensionQuerySet(VisibleQuerySet):
    """Words about cost centres and projects."""

    def in_use(self, kind: str) -> "DimensionQuerySet":
        """Those of a kind that lines may take, in the order of their codes."""
        return self.filter(kind=kind, active=True).order_by("code")


class Dimension(Bilingual, TimeStamped):
    """A cost centre or a project; what stands below another one counts to it as well.

    The folded sums of days and months know accounts only: two dimensions more would make a row of nearly every line,
    and every posting pays for that. Reports by cost centre or project read the lines that have one, by an index that
    lines without one are not in.
    """

    READERS = READERS

    id = uuid7_pk()
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="dimensions", verbose_name=_("company"))
    kind = models.CharField(_("kind"), max_length=12, choices=DimensionKind)
    code = models.CharField(_("code"), max_length=20)
    initials = models.CharField(_("initials"), max_length=20, blank=True, default="", help_text=_("for quick typing"))
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("belongs to"),
        help_text=_("What is posted here counts there as well."),
    )
    active = models.BooleanField(_("active"), default=True)

    history = HistoricalRecords()

    objects = DimensionQuerySet.as_manager()

    class Meta:
        verbose_name = _("cost centre or project")
        verbose_name_plural = _("cost centres and projects")
        ordering = ["kind", "code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "kind", "code"], name="dimension_code_once"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="dimension_kind_known"),
            models.CheckConstraint(condition=Q(code__regex=WORD) & ~Q(code=WITHOUT), name="dimension_code_is_a_word"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return record_url("ledger:dimension", self.pk)


def dimension_of_line(name: Any, **options: Any) -> "models.ForeignKey[Any, Any]":
    """A line's column; that it is of this kind, of the same company and in use is asked where lines are posted."""
    return models.ForeignKey(
        Dimension, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=name, db_index=False, **options
    )


def by_code(company: Company, kind: str, codes: Iterable[str | None]) -> dict[str, Dimension]:
    """Those of these codes, in use or not; asks nothing where no code is told."""
    wanted = {code for code in codes if code}
    found = Dimension.objects.filter(company=company, kind=kind, code__in=wanted) if wanted else []
    return {one.code: one for one in found}


def codes_by_word(company: Company, kind: str) -> dict[str, str]:
    """What people type, in small letters, and the code of what is in use that they mean by it.

    A code goes before initials, and initials that two have mean neither.
    """
    rows = list(Dimension.objects.filter(company=company).in_use(kind).values_list("code", "initials"))
    times = Counter(initials.lower() for _code, initials in rows)
    words = {initials.lower(): code for code, initials in rows if times[initials.lower()] == 1 and initials}
    return words | {code.lower(): code for code, _initials in rows}


def narrowed(lines: Rows, company: UUID, only: Only) -> Rows:
    """The lines of a cost centre or project with those below it, or the lines without any."""
    for kind, code in only.items():
        if code == WITHOUT:
            lines = lines.filter(**{f"{kind}__isnull": True})
        else:
            lines = lines.filter(**{f"{kind}__in": with_those_below(company, kind, code)})
    return lines


def with_those_below(company: UUID, kind: str, code: str) -> set[UUID]:
    """The one of that code with all that count to it; nothing where there is none."""
    rows = list(Dimension.objects.filter(company=company, kind=kind).values_list("pk", "code", "parent"))
    return _below({pk for pk, known, _parent in rows if known == code}, [(pk, parent) for pk, _code, parent in rows])


def _below(chosen: set[UUID], rows: Iterable[tuple[UUID, UUID | None]]) -> set[UUID]:
    """Theirs, and of what stands below them.

    >>> from uuid import UUID
    >>> a, b, c = (UUID(int=number) for number in range(3))
    >>> _below({a}, [(c, b), (b, a), (a, None)]) == {a, b, c}
    True
    """
    pairs = list(rows)
    while more := {pk for pk, parent in pairs if parent in chosen} - chosen:
        chosen = chosen | more
    return chosen
