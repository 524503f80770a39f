"""The timeline as pages show it: narrowed, live, linked to what it speaks of.

A page includes `render(request, deal=…)` for its first paint; the fragment then asks for itself every three seconds and
gets 204 as long as nothing has changed. Higher domains say where their things are shown: `link("deal",
"pipeline:deal")`.
"""

from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Max, OuterRef
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from base.days import written
from crm.access.people import name_of
from crm.activities.kinds import Group, kind_of, kinds_in, sentence, tone_of
from crm.activities.models import Entry, EntryQuerySet, Photo, Recording
from crm.activities.sounds import minutes

STEP, SIZE_MAX = 12, 400
_LINKS: dict[str, str] = {}


def link(what: str, url_name: str) -> None:
    """Where a `deal`, `ticket` or `lead` of an entry is shown; called when the app that owns it is ready."""
    _LINKS[what] = url_name


def render(request: HttpRequest, **scope: Any) -> str:
    """The fragment of one account, deal, ticket or lead (a model or its id), as the request's query narrows it."""
    scope = {name: str(getattr(value, "pk", value)) for name, value in scope.items() if value is not None}
    return render_to_string("crm/activities/_timeline.html", context(request, scope), request)


def context(request: HttpRequest, scope: dict[str, str]) -> dict[str, Any]:
    """What the fragment needs: entries, filters and the revision that later requests compare with."""
    entries = scoped(request.user, scope)
    chosen = request.GET.get("filter", "")
    size = _size(request.GET.get("size", ""))
    shown = entries.filter(kind__in=kinds_in(chosen)) if chosen in Group.values else entries
    photos = ArraySubquery(Photo.objects.filter(entry=OuterRef("pk")).order_by("id").values("pk"))
    sounds = ArraySubquery(
        Recording.objects.filter(entry=OuterRef("pk"))
        .order_by("id")
        .values(told=JSONObject(pk="pk", seconds="seconds"))
    )
    shown = shown.annotate(photo_ids=photos, sounds=sounds)
    rows = list(
        shown.select_related("author", "account", "contact", "check_in").order_by("-occurred_at", "-id")[: size + 1]
    )
    return {
        "entries": [line(entry, scope) for entry in rows[:size]],
        "groups": Group.choices,
        "chosen": chosen,
        "base_query": urlencode(scope),
        "size": size,
        "more": size + 4 * STEP if len(rows) > size and size < SIZE_MAX else None,
        "revision": revision(entries),
    }


def scoped(user: Any, scope: dict[str, str]) -> EntryQuerySet:
    """The entries of the scope that the user may see."""
    found: EntryQuerySet = Entry.objects.visible_to(user).about(**{name: UUID(value) for name, value in scope.items()})
    return found


def revision(entries: EntryQuerySet) -> str:
    """Changes whenever an entry comes, goes or is edited."""
    state = entries.aggregate(count=Count("id"), last=Max("updated_at"))
    return f"{state['count']}-{state['last'].timestamp() if state['last'] else 0:.6f}"


def line(entry: Entry, scope: dict[str, str]) -> dict[str, Any]:
    """One entry in the words of ui/timeline.html."""
    return {
        "icon": kind_of(entry.kind).icon,
        "tone": tone_of(entry.kind, entry.facts),
        "title": _title(entry),
        "text": _text(entry),
        "at": entry.occurred_at,
        "by": name_of(entry.author),
        "source": _("ERP") if entry.kind.startswith("erp_") else "",
        "as_of": entry.as_of if entry.kind.startswith("erp_") else None,
        "url": _url(entry, scope),
        "check_in": getattr(entry, "check_in", None) if entry.kind == "visit" else None,
        "recordings": [
            {"url": reverse("activities:recording", args=[one["pk"]]), "length": minutes(one["seconds"])}
            for one in getattr(entry, "sounds", [])
        ],
        "photos": [
            (reverse("activities:photo", args=[pk]), reverse("activities:photo_small", args=[pk]))
            for pk in getattr(entry, "photo_ids", [])
        ],
    }


def _title(entry: Entry) -> str:
    title = sentence(entry.kind, entry.facts, entry.text)
    parts = [title, entry.get_outcome_display(), entry.contact.name if entry.contact else ""]
    return " · ".join(part for part in parts if part)


def _text(entry: Entry) -> str:
    lines = [entry.text] if entry.author_id or entry.kind.startswith("lead_") else []
    if entry.next_step_on:
        step = _("Next: {step}, {day}").format(step=entry.next_step, day=written(entry.next_step_on))
        lines.append(f"✓ {step}" if entry.next_step_done_at else step)
    return "\n".join(line for line in lines if line)


def _url(entry: Entry, scope: dict[str, str]) -> str:
    """To the parcel's tracking, else to the ticket or deal, unless that is the page we are on."""
    tracking = str(entry.facts.get("tracking_url", ""))
    if tracking.startswith(("https://", "http://")):
        return tracking
    for what, pk in (("ticket", entry.ticket), ("deal", entry.deal), ("lead", entry.lead)):
        if pk and what in _LINKS and what not in scope:
            return reverse(_LINKS[what], args=[pk])
    return ""


def _size(text: str) -> int:
    return min(max(int(text), STEP), SIZE_MAX) if text.isdigit() and len(text) < 5 else STEP
