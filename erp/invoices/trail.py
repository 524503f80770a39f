"""What the invoice's page shows of domains above this one: they add to it in their `AppConfig.ready`.

    from erp.invoices import trail
    trail.add_section(10, fapiaos_of)   # function(request, invoice) -> html ("" shows nothing)

Positions so far: 10 fapiaos.
"""

from collections.abc import Callable

from django.http import HttpRequest

from erp.invoices.models import Invoice

Section = Callable[[HttpRequest, Invoice], str]

_SECTIONS: list[tuple[int, Section]] = []


def add_section(position: int, section: Section) -> None:
    """Show what `section` renders, lower positions first."""
    _SECTIONS.append((position, section))
    _SECTIONS.sort(key=lambda known: known[0])


def sections(request: HttpRequest, invoice: Invoice) -> list[str]:
    """The sections' html, in order, without the empty ones."""
    return [html for _, section in _SECTIONS if (html := section(request, invoice))]
