"""The three kinds of job that an import knows."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base import jobs
from base.exchange import running, undoing
from base.exchange.models import ImportState, Outcome, table


@jobs.kind("import-check", gettext_lazy("Dry run of an import"), icon="table-import")
def check(job: Any) -> None:
    """Try it out."""
    imp = _import_of(job)
    if imp.state != ImportState.CHECKING:
        return
    running.try_out(imp, job)
    _end(imp, lambda found: found.end_check())
    job.say(said(_import_of(job).counts))


@jobs.kind("import", gettext_lazy("Import"), icon="table-import")
def run(job: Any) -> None:
    """Do it; called again after a crash it goes on."""
    imp = _import_of(job)
    if imp.state != ImportState.RUNNING:
        return
    running.run(imp, job)
    _end(imp, lambda found: found.end())
    job.say(said(_import_of(job).counts))


@jobs.kind("import-undo", gettext_lazy("Undoing an import"), icon="arrow-back-up")
def undo(job: Any) -> None:
    """Take it back."""
    imp = _import_of(job)
    if imp.state != ImportState.UNDOING:
        return
    undoing.undo(imp, job)
    _end(imp, lambda found: found.end_undo())
    kept = imp.rows.filter(undone=False).count()
    undone = imp.rows.filter(undone=True).count()
    job.say(_("{undone} rows undone, {kept} left as they are.").format(undone=undone, kept=kept))


def said(counts: dict[str, int]) -> str:
    """The counts in one line: those that are not zero."""
    told = [f"{counts[name]} {label}" for name, label in Outcome.choices if counts.get(name)]
    return ", ".join(told)


def _import_of(job: Any) -> Any:
    return table("Import").objects.select_related("owner", "job").get(pk=job.params["imp"])


def _end(imp: Any, move: Callable[[Any], None]) -> None:
    with transaction.atomic():
        found = type(imp).objects.select_for_update(of=("self",)).get(pk=imp.pk)
        move(found)
        found.save()
