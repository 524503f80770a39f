"""The live timeline, and the quick sheets that write to it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from base.roles import role_required
from crm.accounts.models import READERS, Account
from crm.accounts.sheets import form_key, quick_form
from crm.activities import panels, services, timeline
from crm.activities.forms import LogForm, NoteForm
from crm.activities.models import Entry, Photo, Recording
from crm.activities.recordings import attach, taken_along
from crm.activities.sending import send_photo, send_recording, send_small

SHEETS = {
    "visit": (LogForm, services.log_visit, gettext_lazy("Log a visit"), gettext_lazy("Visit logged.")),
    "call": (LogForm, services.log_call, gettext_lazy("Log a call"), gettext_lazy("Call logged.")),
    "meeting": (LogForm, services.log_meeting, gettext_lazy("Log a meeting"), gettext_lazy("Meeting logged.")),
    "note": (NoteForm, services.note, gettext_lazy("Write a note"), gettext_lazy("Note kept.")),
}


@require_GET
@role_required(*READERS)
def live_timeline(request: HttpRequest) -> HttpResponse:
    """The fragment; 204 while nothing has changed since the revision the page shows."""
    scope = {name: request.GET[name] for name in ("account", "deal", "ticket", "lead") if request.GET.get(name)}
    try:
        entries = timeline.scoped(request.user, scope)
    except ValueError:
        raise Http404 from None
    if not scope:
        raise Http404
    known = request.GET.get("revision", "")
    if known and known == timeline.revision(entries):
        return HttpResponse(status=204)
    return render(request, "crm/activities/_timeline.html", timeline.context(request, scope))


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def log(request: HttpRequest, kind: str, account_pk: UUID) -> HttpResponse:
    """Log a visit or call, or write a note; `?deal=` and `?ticket=` say what it was about."""
    account: Account = get_object_or_404(Account.objects.visible_to(request.user), pk=account_pk)
    if kind not in SHEETS:
        raise Http404
    form_class, verb, title, done = SHEETS[kind]
    about = {"deal": _uuid(request, "deal"), "ticket": _uuid(request, "ticket")}

    @transaction.atomic
    def save(typed: dict[str, Any]) -> Entry:
        first, along = typed.pop("text") if kind == "note" else typed.pop("outcome"), taken_along(typed)
        entry: Entry = verb(account, first, by=request.user, id=form_key(request), **about, **typed)  # type: ignore[operator]
        attach(entry, along, by=request.user)
        return entry

    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = form_class(*sent, account=account, kind=kind)
    return quick_form(
        request,
        form,
        title=f"{title}: {account.name}",
        save=save,
        back=account.get_absolute_url(),
        done=done,
    )


@require_GET
@role_required(*READERS)
def steps(request: HttpRequest, account_pk: UUID) -> HttpResponse:
    """The account's open next steps, asked for again after a change."""
    account: Account = get_object_or_404(Account.objects.visible_to(request.user), pk=account_pk)
    return HttpResponse(panels.next_steps(request, account))


@require_POST
@role_required(*READERS)
def finish_step(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The next step agreed in this entry is done."""
    entry: Entry = get_object_or_404(Entry.objects.visible_to(request.user).select_related("account"), pk=pk)
    services.finish_step(entry)
    messages.success(request, _("Done: {step}").format(step=entry.next_step))
    back = request.headers.get("Referer", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else entry.account or "/")


@require_GET
@role_required(*READERS)
def photo(request: HttpRequest, pk: UUID) -> FileResponse:
    """The file, for whoever sees the entry."""
    return send_photo(get_object_or_404(Photo.objects.visible_to(request.user), pk=pk))


@require_GET
@role_required(*READERS)
def photo_small(request: HttpRequest, pk: UUID) -> FileResponse:
    """The same, as the timeline shows it."""
    return send_small(get_object_or_404(Photo.objects.visible_to(request.user), pk=pk))


@require_GET
@role_required(*READERS)
def recording(request: HttpRequest, pk: UUID) -> FileResponse | HttpResponse:
    """What was said, for whoever sees the entry."""
    return send_recording(request, get_object_or_404(Recording.objects.visible_to(request.user), pk=pk))


def _uuid(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.GET[name]) if request.GET.get(name) else None
    except ValueError:
        raise Http404 from None
