"""Pages of promotions: all of them, and one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from base.days import house_day
from base.listing.views import show
from base.roles import has_role, role_required
from base.templatetags.ui import date, percent
from crm.access.people import name_of
from crm.accounts.sheets import form_key, quick_form
from crm.promotions import services
from crm.promotions.forms import PromotionForm
from crm.promotions.lists import PROMOTIONS, TONES, products
from crm.promotions.models import DECIDERS, READERS, Promotion


@require_GET
@role_required(*READERS)
def promotion_list(request: HttpRequest) -> HttpResponse:
    """All of them, the latest first."""
    return show(request, PROMOTIONS)


@require_GET
@role_required(*READERS)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One promotion; whoever decides may stop it here."""
    promotion = _readable(request, pk)
    may_decide = has_role(request.user, *DECIDERS)
    stopped = promotion.stopped_at is not None
    context = {
        "promotion": promotion,
        "tone": TONES[promotion.state],
        "facts": _facts(promotion),
        "may_edit": may_decide and not promotion.has_ended,
        "may_stop": may_decide and not promotion.has_ended,
        "may_resume": may_decide and stopped and promotion.last_day >= house_day(),
    }
    return render(request, "crm/promotions/detail.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*DECIDERS)
def new(request: HttpRequest) -> HttpResponse:
    """Decide one: it runs from its first day on, at once when that is today."""
    return quick_form(
        request,
        PromotionForm(request.POST if request.method == "POST" else None),
        title=_("New promotion"),
        submit=_("Decide"),
        back=reverse("promotions:list"),
        save=lambda told: services.decide(by=request.user, id=form_key(request), **told),
        go=lambda made: made.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
@role_required(*DECIDERS)
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Other days, products or accounts."""
    promotion = _readable(request, pk)
    return quick_form(
        request,
        PromotionForm(request.POST if request.method == "POST" else None, promotion),
        title=_("Edit {name}").format(name=promotion.name),
        back=promotion.get_absolute_url(),
        save=lambda told: services.change(promotion, by=request.user, **told),
        go=lambda changed: changed.get_absolute_url(),
    )


@require_POST
@role_required(*DECIDERS)
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """From this moment on it gives nothing; a tap takes that back."""
    promotion = services.stop(_readable(request, pk), by=request.user)
    messages.success(request, _("Stopped. Lines that have it keep it, and say so."))
    return redirect(promotion.get_absolute_url())


@require_POST
@role_required(*DECIDERS)
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    """It goes on."""
    promotion = services.resume(_readable(request, pk), by=request.user)
    messages.success(request, _("It runs again."))
    return redirect(promotion.get_absolute_url())


def _readable(request: HttpRequest, pk: UUID) -> Promotion:
    rows = Promotion.objects.visible_to(request.user).select_related("decided_by", "stopped_by")
    return get_object_or_404(rows, pk=pk)


def _facts(promotion: Promotion) -> list[tuple[Any, Any]]:
    stopped = name_of(promotion.stopped_by) if promotion.stopped_at else None
    return [
        (_("Discount"), f"−{percent(promotion.discount)}"),
        (_("From"), date(promotion.first_day, year=True)),
        (_("Until"), date(promotion.last_day, year=True)),
        (_("Products"), products(promotion)),
        (_("For"), promotion.whose),
        (_("Note"), promotion.note),
        (_("Decided by"), name_of(promotion.decided_by)),
        (_("Stopped by"), stopped),
    ]
