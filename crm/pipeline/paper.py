"""A quote on paper, in either language, from what the quote itself keeps."""

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from base.paper import foot, set_page
from crm.pipeline.models import Quote


def as_file(quote: Quote, language: str) -> HttpResponse:
    """The PDF, named by the quote's number."""
    answer = HttpResponse(pdf(quote, language), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{quote.number}.pdf"'
    return answer


def pdf(quote: Quote, language: str) -> bytes:
    """A4, with who we are at the foot of each page."""
    with translation.override(language):
        html = render_to_string("crm/pipeline/quote_print.html", facts(quote, language))
    seller = quote.seller
    ours = foot([seller["name"], *seller["address"]], [seller["phone"], seller["email"]], [seller["small_print"]])
    return set_page(html, ours)


def facts(quote: Quote, language: str) -> dict[str, Any]:
    """What the template prints."""
    lines = rows(quote)
    return {
        "quote": quote,
        "language": language,
        "rows": lines,
        "with_discounts": any(row["discount"] for row in lines),
        "total": quote.net_total + quote.freight,
        "buyer_lines": _address(quote.buyer["address"]),
    }


def rows(quote: Quote) -> list[dict[str, Any]]:
    """The lines with numbers again."""
    numbers = ("quantity", "unit_price", "discount", "net_amount")
    return [{**line, **{name: Decimal(line[name]) for name in numbers}} for line in quote.lines]


def _address(told: dict[str, str]) -> list[str]:
    """As it stands on an envelope.

    >>> _address({"street": "Obere Str. 57", "postal_code": "12209", "city": "Berlin", "region": "", "country": "DE"})
    ['Obere Str. 57', '12209 Berlin', 'DE']
    """
    town = f"{told['postal_code']} {told['city']}".strip()
    return [line for line in (told["street"], town, told["region"], told["country"]) if line]
