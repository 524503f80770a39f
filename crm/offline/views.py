"""The service worker, the manifest, the page that works without a connection, and the ledger of what came from it."""

import hashlib
import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from base.roles import role_required
from crm.accounts.models import READERS
from crm.offline import services
from crm.offline import shell as app
from crm.offline.deeds import Deeds
from crm.offline.forms import FORMS, label_of
from crm.offline.models import Choice, Clash, Fate, Operation

SHOWN = 100


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of this build and language; another build or language is another worker, and so an update."""
    facts = {
        "version": hashlib.sha256((app.digest() + _page(request)).encode()).hexdigest()[:16],
        "shell": reverse("offline:shell"),
        "files": app.addresses(),
        "hashed": not app.as_written(),
    }
    script = f"const FACTS = {json.dumps(facts)};\n{app.source('js/worker.js')}"
    return HttpResponse(script, content_type="text/javascript", headers={"Cache-Control": "no-cache"})


@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """Name, icons and colours for the home screen."""
    headers = {"Cache-Control": "no-cache", "Vary": "Cookie, Accept-Language"}
    return JsonResponse(app.manifest(), content_type="application/manifest+json", headers=headers)


@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    """The forms without anybody's data: what is chosen from comes out of the pack, on the phone."""
    return HttpResponse(_page(request), headers={"Cache-Control": "no-cache"})


def _page(request: HttpRequest) -> str:
    """The same for everybody of one language and appearance, so that it can lie on a phone: it names no one."""
    theme = getattr(request.user, "theme", "")
    return render_to_string("crm/offline/shell.html", {"captures": _captures(), "user": {"theme": theme}}, request)


def _captures() -> list[dict[str, Any]]:
    """Each form with its name, icon and address of the page it stands in for."""
    log = reverse("today:log")
    named = {
        "visit": (_("Visit"), "walk", f"{log}?kind=visit"),
        "call": (_("Call"), "phone", f"{log}?kind=call"),
        "meeting": (_("Meeting"), "users", f"{log}?kind=meeting"),
        "note": (_("Note"), "note", f"{log}?kind=note"),
        "task": (_("Task"), "calendar-check", f"{log}?kind=task"),
        "photo": (_("Photo"), "camera", ""),
        "lead": (_("Lead"), "user-plus", reverse("leads:new")),
        "contact": (_("Contact"), "id", ""),
        "stage": (_("Move a deal"), "layout-kanban", ""),
        "ticket_note": (_("Note on a ticket"), "ticket", ""),
        "edit_account": (_("Change an account"), "building", ""),
        "edit_contact": (_("Change a contact"), "pencil", ""),
        "edit_lead": (_("Change a lead"), "user-edit", ""),
        "edit_deal": (_("Next step of a deal"), "calendar-due", ""),
    }
    return [
        {
            "kind": kind,
            "title": title,
            "icon": icon,
            "url": url,
            "form": FORMS[kind](auto_id=f"{kind}_%s"),
            "edit": kind.startswith("edit_"),
        }
        for kind, (title, icon, url) in named.items()
    ]


@require_GET
@role_required(*READERS)
def ledger(request: HttpRequest) -> HttpResponse:
    """What came from this person's phones, what was refused, and what clashed."""
    mine = Operation.objects.visible_to(request.user)
    titles = {one["kind"]: one["title"] for one in _captures()}
    clashes = Clash.objects.visible_to(request.user).open().select_related("operation__user")
    context = {
        "operations": [(one, titles.get(one.kind, one.kind)) for one in mine[:SHOWN]],
        "refused": mine.filter(fate=Fate.REFUSED, dropped_at=None).count(),
        "count": mine.count(),
        "clashes": [(one, label_of(one)) for one in clashes[:SHOWN]],
    }
    return render(request, "crm/offline/ledger.html", context)


@require_POST
@role_required(*READERS)
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One of the two values stands from now on."""
    clash: Clash = get_object_or_404(Clash.objects.visible_to(request.user), pk=pk)
    choice = Choice.MINE if request.POST.get("choice") == Choice.MINE else Choice.THEIRS
    services.decide(clash, choice, by=request.user, write=Deeds(request.user).write)
    messages.success(request, _("Chosen: {value}").format(value=getattr(clash, choice) or "–"))
    return redirect("offline:ledger")
