"""Pages of webhooks: the endpoints of this side, how their deliveries went, and the secret, shown once."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from base.docs import side_shell
from base.forms import refuse
from base.listing.views import show
from base.refusals import NotAllowed, Refused
from base.roles import role_required
from base.stepup import step_up_required
from integration.webhooks import services
from integration.webhooks.forms import EndpointForm
from integration.webhooks.lists import DELIVERIES
from integration.webhooks.models import Delivery, Endpoint


def managers_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Signed in, and an admin or somebody with the permission."""

    @wraps(view)
    @role_required()
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not services.may_manage(request.user):
            raise NotAllowed()
        return view(request, *args, **kwargs)

    return guarded


@managers_only
def endpoint_list(request: HttpRequest) -> HttpResponse:
    """Who is told what."""
    rows = Endpoint.objects.visible_to(request.user).order_by("-created_at")[:200]
    return render(request, "access/webhooks/list.html", {"shell": side_shell(), "endpoints": rows})


@managers_only
def deliveries(request: HttpRequest) -> HttpResponse:
    """What was told, to whomever."""
    return show(request, DELIVERIES)


@never_cache
@managers_only
@step_up_required
def new(request: HttpRequest) -> HttpResponse:
    """Tell one more; its secret is on the answer and nowhere else."""
    form = EndpointForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made, secret = services.add_endpoint(request.user, told["url"], told["events"], told["description"])
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return _page(request, made, secret)
    facts = {"shell": side_shell(), "form": form, "heading": _("New webhook")}
    return render(request, "access/webhooks/form.html", facts, status=422 if form.errors else 200)


@managers_only
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Another address, other events."""
    endpoint = _endpoint(request, pk)
    initial = {"url": endpoint.url, "description": endpoint.description, "events": endpoint.events}
    form = EndpointForm(request.POST or None, initial=initial, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_endpoint(endpoint, request.user, **form.cleaned_data)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(endpoint)
    facts = {"shell": side_shell(), "form": form, "heading": _("Edit"), "endpoint": endpoint}
    return render(request, "access/webhooks/form.html", facts, status=422 if form.errors else 200)


@managers_only
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One endpoint and its deliveries."""
    return _page(request, _endpoint(request, pk))


@never_cache
@require_POST
@managers_only
@step_up_required
def rotate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new secret, shown now; the old one signs beside it for a day."""
    return _page(request, *services.rotate_secret(_endpoint(request, pk), request.user))


VERBS = {
    "pause": services.pause_endpoint,
    "resume": services.resume_endpoint,
    "ping": services.ping,
    "remove": services.remove_endpoint,
}


@require_POST
@managers_only
def act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Pause, resume, ping or remove."""
    endpoint = _endpoint(request, pk)
    VERBS[verb](endpoint, request.user)
    messages.success(request, _("Done."))
    return redirect("webhooks:list") if verb == "remove" else redirect(endpoint)


@require_POST
@managers_only
def redeliver(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Once more."""
    delivery = services.redeliver(get_object_or_404(Delivery.objects.visible_to(request.user), pk=pk), request.user)
    messages.success(request, _("It is on its way again."))
    return redirect(delivery.endpoint)


def _endpoint(request: HttpRequest, pk: UUID) -> Endpoint:
    rows = Endpoint.objects.visible_to(request.user).select_related("created_by")
    return get_object_or_404(rows, pk=pk)


def _page(request: HttpRequest, endpoint: Endpoint, secret: str = "") -> HttpResponse:
    facts: dict[str, Any] = {"endpoint": endpoint, "secret": secret}
    template = "access/webhooks/detail.html"
    return show(request, DELIVERIES, fixed={"endpoint": str(endpoint.pk)}, template=template, **facts)
