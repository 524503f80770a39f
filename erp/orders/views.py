"""Pages of orders: the list, one order with its trail, and drafts of our own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.forms import once, refuse
from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from base.tiers import Tier, sees
from erp.orders import services, trail
from erp.orders.forms import HEAD, DraftForm, ReasonForm, ReleaseForm, line_grid
from erp.orders.lists import ORDERS
from erp.orders.models import Order, OrderStatus
from erp.orders.reports import life
from erp.orders.roles import ALLOCATORS, DESK, EVERYBODY
from erp.parties.models import Party
from erp.products.models import Product


@role_required(*EVERYBODY)
def order_list(request: HttpRequest) -> HttpResponse:
    """What was ordered, the newest first, with what it comes to in all."""
    return show(request, ORDERS)


@role_required(*EVERYBODY)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One order: the document, and everything that came of it."""
    order = get_object_or_404(Order.objects.visible_to(request.user).select_related("party", "company"), pk=pk)
    lines = list(order.lines.select_related("product").order_by("position"))
    facts = {
        "order": order,
        "lines": lines,
        "steps": life(order, lines),
        "sections": trail.sections(request, order),
        "offered": trail.actions(request, order),
        "changes": _changes(order),
        "may_decide": has_role(request.user, *DESK),
        "may_allocate": has_role(request.user, *ALLOCATORS) and order.status == OrderStatus.ACCEPTED,
        "is_short": any(line.quantity_short > 0 for line in lines),
        "is_out": any(line.quantity_shipped or line.quantity_invoiced for line in lines),
        "sees_prices": sees(request.user, Tier.PRICE),
        "priced_in": order.currency if sees(request.user, Tier.PRICE) else "",
        "release_form": ReleaseForm(auto_id="release_%s"),
        "refuse_form": ReasonForm(auto_id="refuse_%s"),
        "cancel_form": ReasonForm(auto_id="cancel_%s"),
    }
    return render(request, "erp/orders/detail.html", facts)


@role_required(*DESK)
def new(request: HttpRequest) -> HttpResponse:
    """An order of our own, as a draft."""

    def write(party: Party, lines: list[Any], told: dict[str, Any]) -> Order:
        return services.create_order(party, lines, id=once(request.POST), **told)

    party = Party.objects.visible_to(request.user).customers().filter(code=request.GET.get("party", "")).first()
    return _draft(request, None, write, {"party": f"{party.code} {party.name}"} if party else {})


@role_required(*DESK)
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write a draft anew."""
    order = get_object_or_404(
        Order.objects.visible_to(request.user).select_related("party"), pk=pk, status=OrderStatus.DRAFT
    )
    initial = {name: getattr(order, name) for name in (*HEAD, "currency")}

    def write(party: Party, lines: list[Any], told: dict[str, Any]) -> Order:
        return services.change_draft(order, lines, party=party, **told)

    return _draft(request, order, write, {"party": f"{order.party.code} {order.party.name}", **initial})


@role_required(*DESK)
def choices(request: HttpRequest, of: str) -> HttpResponse:
    """Suggestions while somebody types: customers, or products for sale with their names."""
    text = next((str(value) for name, value in request.GET.items() if name == "party" or name.endswith("-sku")), "")
    if of == "parties":
        rows = [
            (party.code, party.name)
            for party in Party.objects.visible_to(request.user).customers().matching(text).order_by("name")[:20]
        ]
    else:
        found = Product.objects.visible_to(request.user).published().matching(text).order_by("sku")[:20]
        rows = [(product.sku, product.name) for product in found]
    return render(request, "erp/orders/_choices.html", {"rows": rows})


@role_required(*DESK)
@require_POST
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bind us to a draft."""
    order = services.confirm(get_object_or_404(Order.objects.visible_to(request.user), pk=pk))
    if order.status == OrderStatus.ACCEPTED:
        messages.success(request, _("{number} is accepted.").format(number=order.number))
    else:
        messages.warning(request, order.reason)
    return redirect(order)


@role_required(*DESK)
@require_POST
def release(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a held order pass."""
    order = services.release(get_object_or_404(Order.objects.visible_to(request.user), pk=pk), _reason(request))
    messages.success(request, _("{number} is accepted.").format(number=order.number))
    return redirect(order)


@role_required(*DESK)
@require_POST
def refuse_order(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say no to a held order."""
    order = services.refuse(get_object_or_404(Order.objects.visible_to(request.user), pk=pk), _reason(request))
    messages.success(request, _("{number} is refused; the sales side knows why.").format(number=order.number))
    return redirect(order)


@role_required(*DESK)
@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Deliver nothing of it."""
    order = services.cancel(get_object_or_404(Order.objects.visible_to(request.user), pk=pk), _reason(request))
    messages.success(request, _("{number} is cancelled.").format(number=order.number))
    return redirect(order)


@role_required(*ALLOCATORS)
@require_POST
def allocate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Reserve what has become free."""
    order = get_object_or_404(Order.objects.visible_to(request.user), pk=pk)
    if any(services.allocate(order).values()):
        messages.success(request, _("Goods were reserved."))
    else:
        messages.info(request, _("Nothing has become free for it."))
    return redirect(order)


def _draft(
    request: HttpRequest,
    order: Order | None,
    write: Callable[[Party, list[Any], dict[str, Any]], Order],
    initial: dict[str, Any],
) -> HttpResponse:
    """The form with its grid; on success a draft to look at and confirm."""
    form = DraftForm(request.POST or None, initial=initial)
    grid = line_grid(request.POST or None, order)
    if request.method == "POST" and form.is_valid() and grid.is_valid():
        try:
            written = write(form.cleaned_data["party"], grid.lines, form.told)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect(written)
    return render(request, "erp/orders/form.html", {"form": form, "grid": grid, "order": order})


def _reason(request: HttpRequest) -> str:
    """What was typed; an empty reason is refused by the service where one is needed."""
    return str(request.POST.get("reason", ""))[:2000]


_LOOKS = {
    "held": ("hand-stop", "warn"),
    "refused": ("x", "bad"),
    "cancelled": ("ban", "bad"),
    "draft": ("pencil", ""),
}


def _changes(order: Order) -> list[dict[str, Any]]:
    """Each state the order came into, the last first."""
    states: list[dict[str, Any]] = []
    for change in order.history.select_related("history_user").order_by("history_id"):
        if states and states[-1]["state"] == change.status:
            continue
        icon, tone = _LOOKS.get(change.status, ("check", "good"))
        by = change.history_user or change.decided_by or change.created_by
        title = OrderStatus(change.status).label
        states.append(
            {
                "state": change.status,
                "title": title,
                "text": change.reason,
                "at": change.history_date,
                "by": _("from the CRM") if by == "wire" else str(by or ""),
                "icon": icon,
                "tone": tone,
            }
        )
    return states[::-1]
