"""Public forms: linked to or embedded by a company's website; whoever fills one becomes a lead."""

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from base.addresses import client_address
from base.limits import hit
from base.refusals import Refused
from crm.accounts.sheets import add_refusal
from crm.leads import services
from crm.leads.models import Source, WebForm
from crm.leads.public_forms import TRAP, PublicForm, Slip

log = logging.getLogger(__name__)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def web_form(request: HttpRequest, slug: str) -> HttpResponse:
    """The form, or thanks. No cookie is needed or set, so it works inside another site's page; its slip is signed."""
    form: WebForm = get_object_or_404(WebForm, slug=slug, active=True)
    if request.method == "GET":
        return _page(request, form, PublicForm(of=form))
    typed = PublicForm(request.POST, of=form)
    count = hit(f"form:{form.pk}:{client_address(request)}", form.per_minute)
    if count.exceeded:
        typed.add_error(None, _("That was a lot at once. Please wait a minute and send it again."))
        answer = _page(request, form, typed, status=429)
        answer["Retry-After"] = str(max(count.resets_in, 1))
        return answer
    if request.POST.get(TRAP):
        log.info("web form %s: a machine filled the field that nobody sees", form.slug)
        return _thanks(request, form)
    if not typed.is_valid():
        return _page(request, form, typed, status=422)
    slip = Slip.read(request.POST.get("slip", ""))
    if slip is None or not slip.fits(form):
        typed.add_error(None, _("Please look it over and send it once more."))
        return _page(request, form, typed, status=422)
    try:
        _capture(form, slip, typed.cleaned_data, request.GET.get("utm_campaign", ""))
    except Refused as refusal:
        add_refusal(typed, refusal)
        return _page(request, form, typed, status=422)
    return _thanks(request, form)


def _capture(form: WebForm, slip: Slip, told: dict[str, Any], campaign: str) -> None:
    """The same slip again is the same lead."""
    agreed = bool(told.get("consent"))
    services.create_lead(
        id=slip.lead,
        person=told["person"],
        company=told.get("company", ""),
        email=told["email"],
        phone=told["phone"],
        interest=told.get("interest", ""),
        note=told["message"],
        source=Source.WEB,
        source_detail=form.name,
        campaign=form.campaign or campaign[:250],
        consent=agreed,
        consent_source=f"{form.name}: {form.consent_text}"[:250] if agreed else "",
    )


def _page(request: HttpRequest, form: WebForm, typed: PublicForm, status: int = 200) -> HttpResponse:
    context = {"web_form": form, "form": typed, "slip": Slip.fresh(form).signed(), "trap": TRAP}
    return _embeddable(form, render(request, "crm/leads/public.html", context, status=status))


def _thanks(request: HttpRequest, form: WebForm) -> HttpResponse:
    return _embeddable(form, render(request, "crm/leads/thanks.html", {"web_form": form}))


def _embeddable(form: WebForm, answer: HttpResponse) -> HttpResponse:
    """Only the pages that the company named may show it within theirs."""
    if origins := form.embedded_by.split():
        answer._csp_replace = {"frame-ancestors": origins}  # type: ignore[attr-defined]  # django-csp reads it
        answer.xframe_options_exempt = True  # and Django's own middleware this
    return answer
