"""The verbs of jobs: start, run, cancel, take up again, forget."""

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base import context
from base.jobs.models import Cancelled, JobState
from base.notices import notify
from base.recording import HistoricalRecords
from base.refusals import MoveRefused, Refused

log = logging.getLogger(__name__)

Work = Callable[[Any], None]
ATTEMPTS_MAX = 5
SILENT_FOR = timedelta(seconds=60)
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Kind:
    """A kind of work: how it is called, and the function that does it."""

    name: str
    label: str | Promise
    icon: str
    work: Work


_KINDS: dict[str, Kind] = {}


def kind(name: str, label: str | Promise, icon: str = "clock") -> Callable[[Work], Work]:
    """Decorate the function that does this kind of work; its module must be imported when the apps are ready."""

    def decorate(work: Work) -> Work:
        assert name not in _KINDS, f"two kinds of job are called {name}"
        _KINDS[name] = Kind(name, label, icon, work)
        return work

    return decorate


def kind_of(name: str) -> Kind | None:
    """The kind by its name; None for one that an earlier version had."""
    return _KINDS.get(name)


def kinds() -> list[tuple[str, str | Promise]]:
    """All kinds there are, by name and in words."""
    return [(one.name, one.label) for one in _KINDS.values()]


@transaction.atomic
def start(
    name: str, *, by: Any, title: Any, url: str = "", total: int | None = None, send: bool = True, **params: Any
) -> Any:
    """A job that begins when the caller's transaction is committed; `params` is plain JSON for its function.

    Without `send` no worker is told: the caller does the work by `run`.
    """
    assert name in _KINDS, f"no kind of job is called {name}"
    job = _model()(kind=name, owner=by, title=str(title)[:250], url=url, total=total, params=params)
    job.save(force_insert=True)
    if send:
        transaction.on_commit(lambda: _send(job.pk))
    return job


def run(pk: UUID | str) -> None:
    """Do the job, unless it is over or another worker is at it: safe to be called twice."""
    with _held(pk) as held:
        job = _begun(pk) if held else None
        if job is None:
            return
        with _as_owner(job.owner):
            _work(job)


@transaction.atomic
def cancel(job: Any) -> Any:
    """Stop it: at once when it has not begun, else at its next sign of life."""
    job = _model().objects.select_for_update().get(pk=job.pk)
    if job.is_over:
        raise MoveRefused(what=job.title, state=job.get_state_display(), verb=_("cancelled"))
    if job.state == JobState.QUEUED:
        job.call_off()
    job.cancel_asked = True
    job.save()
    return job


def resume_waiting() -> int:
    """Send again what waits without a sign of life: its worker died, or the broker was away."""
    silent = _model().objects.waiting().filter(seen_at__lt=timezone.now() - SILENT_FOR)
    pks = list(silent.values_list("pk", flat=True))
    for pk in pks:
        _send(pk)
    return len(pks)


def forget_old() -> int:
    """Results are kept thirty days; the row stays."""
    old = _model().objects.filter(finished_at__lt=timezone.now() - KEPT_FOR).exclude(file_name="")
    count = 0
    for job in old:
        shutil.rmtree(job.folder, ignore_errors=True)
        count += type(job).objects.filter(pk=job.pk).update(file_name="")
    return count


# ---- below: parts of the verbs ---------------------------------------------------------------------------------------


def _send(pk: UUID) -> None:
    """Tell the worker; with the broker away the job waits for `resume_waiting`."""
    try:
        current_app.send_task("base.run_job", args=[str(pk)])
    except Exception:
        log.exception("job %s waits: the broker does not answer", pk)


def _begun(pk: UUID | str) -> Any:
    with transaction.atomic():
        job = _model().objects.select_for_update(of=("self",)).select_related("owner").filter(pk=pk).first()
        if job is None or job.is_over:
            return None
        if job.cancel_asked:
            job.call_off()
        elif job.attempts >= ATTEMPTS_MAX:
            job.fail(_("It stopped its worker {times} times and is not tried again.").format(times=job.attempts))
        else:
            job.begin()
        job.save()
    return None if job.is_over else job


def _work(job: Any) -> None:
    known = kind_of(job.kind)
    try:
        if known is None:
            raise LookupError(f"no kind of job is called {job.kind}")
        known.work(job)
    except Cancelled:
        _end(job, lambda found: found.call_off())
    except Refused as refusal:
        why = str(refusal)
        _end(job, lambda found: found.fail(why))
    except (OperationalError, InterfaceError):
        raise  # the database went away: whoever comes next goes on
    except Exception:
        log.exception("job %s failed", job.pk)
        _end(job, lambda found: found.fail(_("Something went wrong here; the operators can read about it in the log.")))
    else:
        _end(job, lambda found: found.finish())


def _end(job: Any, move: Callable[[Any], None]) -> None:
    with transaction.atomic():
        found = type(job).objects.select_for_update(of=("self",)).select_related("owner").get(pk=job.pk)
        if found.is_over:
            return
        move(found)
        found.save()
        words = {
            JobState.DONE: (gettext_lazy("{title}: done."), "good"),
            JobState.FAILED: (gettext_lazy("{title}: failed. {message}"), "bad"),
        }
        if found.state in words:
            text, tone = words[found.state]
            told = format_lazy(text, title=found.title, message=found.message)
            notify([found.owner], told, url=found.url or found.get_absolute_url(), tone=tone)


@contextmanager
def _held(pk: UUID | str) -> Iterator[bool]:
    """Nobody else is at this job; the database lets go when the worker's connection ends, however it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended('job:' || %s, 0))", [str(pk)])
        (held,) = cursor.fetchone()
    try:
        yield held
    finally:
        if held and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended('job:' || %s, 0))", [str(pk)])


@contextmanager
def _as_owner(user: Any) -> Iterator[None]:
    """In the owner's name, language and time zone; histories name the owner too."""
    zone = ZoneInfo(user.time_zone) if user.time_zone else timezone.get_default_timezone()
    language = user.language or settings.LANGUAGE_CODE
    before = getattr(HistoricalRecords.context, "request", None)
    HistoricalRecords.context.request = SimpleNamespace(user=user)
    try:
        with context.acting(user.get_username()), translation.override(language), timezone.override(zone):
            yield
    finally:
        if before is None:
            del HistoricalRecords.context.request
        else:
            HistoricalRecords.context.request = before


def _model() -> Any:
    return apps.get_model("access", "Job")
