"""An invoice as a file to send: PDF in either language, UBL, CII."""

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language

from erp.einvoice.models import Syntax
from erp.invoices import electronic
from erp.invoices.models import Invoice

PDF = "pdf"
FORMS = (PDF, *Syntax.values)


def as_file(invoice: Invoice, form: str, language: str = "") -> HttpResponse:
    """The file, named by the invoice's number; in the reader's language where none of ours is asked for."""
    if language not in dict(settings.LANGUAGES):
        language = get_language() or settings.LANGUAGE_CODE
    made = electronic.printed(invoice, language) if form == PDF else electronic.written(invoice, form)
    name = f"{invoice.number}.pdf" if form == PDF else f"{invoice.number}.{form}.xml"
    answer = HttpResponse(made, content_type="application/pdf" if form == PDF else "application/xml")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
