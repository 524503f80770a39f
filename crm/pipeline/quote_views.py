"""Quotes: made from the deal as it stands, read and printed for good."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from base.roles import role_required
from crm.accounts.sheets import form_key, quick_form
from crm.pipeline import paper, quotes
from crm.pipeline.forms import QuoteForm
from crm.pipeline.models import READERS, WRITERS, Quote
from crm.pipeline.views import writable


@role_required(*WRITERS)
def new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The deal on paper, as its next version."""
    deal = writable(request, pk)
    return quick_form(
        request,
        QuoteForm(request.POST or None),
        title=_("Quote for {account}").format(account=deal.account.name),
        submit=_("Make the quote"),
        back=deal.get_absolute_url(),
        save=lambda told: quotes.make(deal, by=request.user, id=form_key(request), **told),
        go=lambda quote: quote.get_absolute_url(),
    )


@require_GET
@role_required(*READERS)
def quote(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was offered, with the paper in each language."""
    shown = _readable(request, pk)
    others = Quote.objects.visible_to(request.user).filter(deal=shown.deal_id).exclude(pk=shown.pk)
    context = {"quote": shown, "rows": paper.rows(shown), "languages": settings.LANGUAGES}
    return render(request, "crm/pipeline/quote.html", {**context, "others": others.select_related("deal")})


@require_GET
@role_required(*READERS)
def document(request: HttpRequest, pk: UUID, language: str) -> HttpResponse:
    """The PDF."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    return paper.as_file(_readable(request, pk), language)


def _readable(request: HttpRequest, pk: UUID) -> Quote:
    return get_object_or_404(Quote.objects.visible_to(request.user).select_related("deal__account", "made_by"), pk=pk)
