"""The list of long work that people started."""

from typing import Any

from django.apps import apps
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.jobs.filters import JobFilter
from base.listing import Column, Empty, Kind, Listing, Tab
from base.roles import has_role


def _tabs(asked: Any) -> list[Tab]:
    """An admin may look at everybody's."""
    if not has_role(asked.user, "admin"):
        return []
    return [Tab(_("Mine"), {"mine": "true"}), Tab(_("Everybody's"), {})]


def _result(job: Any) -> str:
    if job.file_name:
        return format_html('<a href="{}">{}</a>', reverse("jobs:file", args=[job.pk]), job.file_name)
    return format_html("{}", job.message)


def _done(job: Any) -> str:
    return f"{job.done:,} / {job.total:,}" if job.total else f"{job.done:,}" if job.done else ""


JOBS = Listing(
    name="jobs",
    model=apps.get_model("access", "Job"),
    title=_("Jobs"),
    url_name="jobs:list",
    rows=lambda user: apps.get_model("access", "Job").objects.visible_to(user).select_related("owner").defer("params"),
    filterset=JobFilter,
    order=("-pk",),
    roles=(),
    allows=lambda user: bool(user.is_authenticated and user.is_active),
    count=lambda count: ngettext("%(count)s job", "%(count)s jobs", count) % {"count": f"{count:,}"},
    placeholder=_("What it is, or what came out"),
    bar=("state",),
    defaults=lambda user: {"mine": "true"} if has_role(user, "admin") else {},
    tabs=_tabs,
    columns=(
        Column(name="title", label=_("what")),
        Column(name="state", label=_("state"), kind=Kind.STATUS, group=True),
        Column(name="done", label=_("done"), value=_done, sort="done"),
        Column(name="started", label=_("started"), source="created_at", kind=Kind.MOMENT),
        Column(
            name="by", label=_("by"), source="owner__username",
            value=lambda job: job.owner.get_full_name() or job.owner.get_username(),
            group=True,
        ),
        Column(
            name="result", label=_("result"), value=lambda job: job.file_name or job.message, cell=_result, sort=False,
            fields=("message",), wide=True,
        ),
        Column(name="kind", label=_("kind"), group=True, shown=False),
        Column(name="finished_at", label=_("finished"), kind=Kind.MOMENT, shown=False),
        Column(name="attempts", label=_("attempts"), kind=Kind.NUMBER, shown=False),
    ),
    empty=Empty(
        icon="clock",
        title=_("No jobs yet"),
        text=_(
            "Imports, exports and other long work that you start appear here with their progress and their result."
        ),
        none_title=_("No job fits"),
        none_text=_("Try fewer words or another state."),
    ),
)  # fmt: skip
