"""A report of the books as a file: whose books, of when, in which currency and as known when is said on its head."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from base.sheets import Heading, Line, Sheet
from erp.ledger.dimensions import WITHOUT, DimensionKind, Only
from erp.ledger.models import Company


def sheet_of(
    company: Company,
    title: str,
    columns: Sequence[Heading],
    lines: Iterable[Line],
    *,
    by: Any,
    end: date,
    start: date | None = None,
    known: datetime | None = None,
    only: Only | None = None,
) -> Sheet:
    """The report, with what people must know to read it."""
    about = [(_("From"), start.isoformat())] if start else []
    about += [(_("To"), end.isoformat()), (_("Currency"), company.base_currency)]
    for kind, code in (only or {}).items():
        about.append((str(capfirst(DimensionKind(kind).label)), _("None named") if code == WITHOUT else code))
    if known:
        about.append((_("As known on"), timezone.localtime(known).strftime("%Y-%m-%d %H:%M")))
    return Sheet(title, columns, lines, about, company.name, str(by))
