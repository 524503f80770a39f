"""The delivery note on paper, in either language: goods and quantities, no prices."""

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from base.paper import set_page
from erp.einvoice import pdf
from erp.einvoice.services import letterhead_of, seller_of
from erp.shipping.models import Shipment


def as_file(shipment: Shipment, language: str) -> HttpResponse:
    """The PDF, named by the shipment's number."""
    answer = HttpResponse(printed(shipment, language), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{shipment.number}.pdf"'
    return answer


def printed(shipment: Shipment, language: str) -> bytes:
    """As PDF, under our letterhead."""
    with translation.override(language):
        seller = seller_of(letterhead_of(shipment.company))
        facts = {
            "shipment": shipment,
            "lines": shipment.lines.select_related("order_line__product").order_by("order_line__position"),
            "language": language,
            "seller": seller,
            "seller_lines": pdf.address_lines(seller),
        }
        return set_page(render_to_string("erp/shipping/note_print.html", facts), pdf.footer_of(seller))
