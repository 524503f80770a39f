"""The statement of a customer's account: on a page, as PDF and as a workbook."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language

from base.refusals import Refused
from base.roles import role_required
from base.sheets import PDF_TYPE, XLSX_TYPE
from erp.banking.roles import ACCOUNTANTS, AUDITORS
from erp.invoices import statement
from erp.invoices.forms import StatementForm
from erp.parties.models import Party, PartyKind

FORMS = {
    "pdf": PDF_TYPE,
    "xlsx": XLSX_TYPE,
}


@role_required(*ACCOUNTANTS, *AUDITORS)
def page(request: HttpRequest, party: UUID) -> HttpResponse:
    """What stood, what moved, what stands; a span that cannot be says why and shows this month."""
    found, form, refusal = _customer(request, party), StatementForm(request.GET), None
    try:
        told = statement.statement(found, *form.span())
    except Refused as why:
        refusal = why
        today = timezone.localdate()
        told = statement.statement(found, today.replace(day=1), today)
    shown = StatementForm(initial={"start": told.start, "end": told.end})
    facts = {"told": told, "form": shown, "refusal": refusal, "forms": list(FORMS)}
    return render(request, "erp/invoices/statement.html", facts, status=refusal.status if refusal else 200)


@role_required(*ACCOUNTANTS, *AUDITORS)
def file(request: HttpRequest, party: UUID, form: str) -> HttpResponse:
    """The same to send."""
    if form not in FORMS:
        raise Http404
    try:
        told = statement.statement(_customer(request, party), *StatementForm(request.GET).span())
        return as_file(told, form, request.GET.get("language", ""))
    except Refused as refusal:
        return HttpResponse(str(refusal), status=refusal.status, content_type="text/plain; charset=utf-8")


def as_file(told: statement.CustomerStatement, form: str, language: str = "") -> HttpResponse:
    """The file, named by customer and last day; in the reader's language where none of ours is asked for."""
    if language not in dict(settings.LANGUAGES):
        language = get_language() or settings.LANGUAGE_CODE
    made = statement.printed(told, language) if form == "pdf" else statement.workbook(told)
    answer = HttpResponse(made, content_type=FORMS[form])
    answer["Content-Disposition"] = f'attachment; filename="{told.party.code}-{told.end:%Y-%m-%d}.{form}"'
    return answer


def _customer(request: HttpRequest, party: UUID) -> Party:
    return get_object_or_404(Party.objects.visible_to(request.user), pk=party, kind=PartyKind.CUSTOMER)
