"""Long work that people started: who, what, how far, and the file that came out.

    @jobs.kind("export", _("Export"), icon="download")
    def export(job: Any) -> None:
        for done, part in enumerate(parts, 1):
            …
            job.progress(done, total=len(parts))     # also where a cancel arrives
        write_csv(job.result_path("accounts.csv"), …)
        job.say(_("812 rows written."))

    job = jobs.start("export", by=user, title=_("Export of accounts"), resource="accounts")

The work runs in the side's Celery worker, after the caller's transaction. It must be safe to run again from the
start or from where it was: a worker that dies is followed by another. Page `/jobs/<id>/`, API `/api/v1/jobs/`.
"""

from base.jobs.models import Cancelled, JobBase, JobState
from base.jobs.services import cancel, forget_old, kind, kind_of, resume_waiting, run, start

__all__ = [
    "Cancelled",
    "JobBase",
    "JobState",
    "cancel",
    "forget_old",
    "kind",
    "kind_of",
    "resume_waiting",
    "run",
    "start",
]
