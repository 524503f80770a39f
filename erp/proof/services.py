"""The verb of the proof: look at everything, keep what was found, tell who keeps the books."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base import context, jobs
from base.notices import notify
from erp.proof.invariants import Invariant, all_invariants
from erp.proof.models import READERS, Finding, Run

log = logging.getLogger(__name__)

SAMPLE = 20


def prove() -> Run:
    """Ask every invariant's query, all on one snapshot; what breaks a rule is kept, and the books' people are told."""
    started = timezone.now()
    with _snapshot():
        findings = [_ask(invariant, position) for position, invariant in enumerate(all_invariants(), 1)]
    return _keep(findings, started)


@jobs.kind("proof", _("Proof of the books"), icon="shield-check")
def prove_in_background(job: Any) -> None:
    """The proof as long work that somebody started."""
    run = prove()
    job.url = run.get_absolute_url()
    job.save(update_fields=["url"])
    job.say(said(run))


def said(run: Run) -> str:
    """The outcome in one sentence."""
    if run.holds:
        return ngettext("%(n)s invariant holds.", "All %(n)s invariants hold.", run.checked) % {"n": run.checked}
    return _("{broken} of {checked} invariants do not hold.").format(broken=run.broken, checked=run.checked)


@contextmanager
def _snapshot() -> Iterator[None]:
    """Everything inside sees the same state; a caller's own transaction keeps the level it has."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _ask(invariant: Invariant, position: int) -> Finding:
    """How many rows break it, the first of them, and how long that took."""
    began = time.perf_counter()
    finding = Finding(position=position, code=invariant.code, rows=0)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"""WITH broken AS MATERIALIZED ({invariant.query})
                    SELECT (SELECT count(*) FROM broken),
                           (SELECT json_agg(json_build_array(what, detail))
                            FROM (SELECT what, detail FROM broken ORDER BY what LIMIT {SAMPLE}) first)"""  # noqa: S608
            )
            finding.rows, sample = cursor.fetchone()
            finding.sample = sample or []
    except DatabaseError as fault:
        log.exception("the proof of %s could not be asked", invariant.code)
        finding.error = str(fault).strip()[:2000]
    finding.duration_ms = round((time.perf_counter() - began) * 1000, 2)
    return finding


@transaction.atomic
def _keep(findings: list[Finding], started: datetime) -> Run:
    broken = [finding.code for finding in findings if not finding.holds]
    run = Run.objects.create(
        started_at=started,
        finished_at=timezone.now(),
        asked_by=context.actor.get()[:150],
        checked=len(findings),
        broken=len(broken),
    )
    for finding in findings:
        finding.run = run
    Finding.objects.bulk_create(findings)
    if broken:
        people = get_user_model().objects.filter(is_active=True, groups__name__in=READERS).distinct()
        text = format_lazy(_("The proof of the books found something: {codes}"), codes=", ".join(broken))
        notify(people, text, url=run.get_absolute_url(), tone="bad")
    return run
