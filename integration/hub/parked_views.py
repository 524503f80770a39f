"""What is parked, by class of failure, tried dry and taken up again; and how the sides compare."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from base.listing.views import show
from base.live import is_asked
from base.refusals import Refused
from integration.hub import observing, restricted, services, sides
from integration.hub.models import Archived, Comparison
from integration.hub.reconciling import SUBJECTS, reconcile
from integration.hub.roles import may_act, operators_only, readers_only
from integration.hub.running_lists import COMPARISONS, DELIVERIES, PARKED
from integration.liaison.asking import NoAnswer, ask

SIDES = ("crm", "erp")


@readers_only
def parked(request: HttpRequest) -> HttpResponse:
    """What receivers would not take, here and in their inboxes."""
    told = sides.ask_all("parked", timeout=5.0, fresh=not is_asked(request))
    inboxes = [
        {"side": side, **(answer if "error" in answer else restricted.parked_of(request.user, answer))}
        for side, answer in told.items()
    ]
    return show(request, PARKED, sides=inboxes, classes=services.parked_classes(), may_act=may_act(request.user))


@readers_only
def deliveries(request: HttpRequest) -> HttpResponse:
    """All that is or was on its way to a side."""
    return show(request, DELIVERIES)


@operators_only
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Take parked ones up again, in order: one, a record or a class; at the hub, or in a side's inbox."""
    event, aggregate, failure = (request.POST.get(name, "") for name in ("event", "aggregate", "failure"))
    side = request.POST.get("side", "")
    try:
        if side in SIDES:
            count = ask(side, "again", event=event, aggregate=aggregate, failure=failure)["count"]
        else:
            count = services.send_again(event, aggregate, failure)
    except (NoAnswer, Refused) as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, _("{n} are taken up again, in their order.").format(n=count))
    return redirect("hub:parked")


@operators_only
@require_POST
def try_one(request: HttpRequest) -> HttpResponse:
    """What the receiver would do with one event now; nothing stays."""
    try:
        archived = get_object_or_404(Archived, pk=UUID(request.POST.get("event", "")))
    except ValueError:
        raise Http404 from None
    side = request.POST.get("side", "")
    try:
        (told,) = observing.rehearse_at(side if side in SIDES else "erp", [archived])
    except NoAnswer as fault:
        messages.error(request, str(fault))
        return redirect("hub:event", archived.pk)
    changes = ", ".join(f"{table} {count}" for table, count in told.get("changes", {}).items())
    words = {"refused": _("It would be refused: {text}"), "accepted": _("It would change nothing. {text}")}
    text = words.get(told["verdict"], _("It would change {changes} and say {text}"))
    said = restricted.trial_of(request.user, archived, told.get("text") or "–")
    messages.info(request, text.format(text=said, changes=changes))
    return redirect("hub:event", archived.pk)


@readers_only
def comparisons(request: HttpRequest) -> HttpResponse:
    """How the sides compared lately."""
    rows = Comparison.objects.order_by("-began_at")
    latest = [(subject, rows.filter(subject=subject).first()) for subject in SUBJECTS]
    return show(request, COMPARISONS, latest=latest, may_act=may_act(request.user))


@operators_only
@require_POST
def compare(request: HttpRequest) -> HttpResponse:
    """Compare one subject now."""
    subject = request.POST.get("subject", "")
    if subject in SUBJECTS:
        done = reconcile(subject, second_look_s=2.0)
        if done.error:
            messages.error(request, done.error)
        elif done.differing:
            messages.warning(request, _("{n} records differ; each has a case.").format(n=done.differing))
        else:
            messages.success(request, _("Both sides hold the same."))
    return redirect("hub:comparisons")
