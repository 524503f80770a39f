"""What the worker of every side does by the clock, and for jobs."""

from celery import shared_task

from base import idempotency, jobs, limits


@shared_task(name="base.run_job")
def run_job(pk: str) -> None:
    """One job; called twice, it is done once."""
    jobs.run(pk)


@shared_task(name="base.resume_jobs")
def resume_jobs() -> None:
    """Every minute: jobs whose worker died are sent again."""
    jobs.resume_waiting()


@shared_task(name="base.forget_jobs")
def forget_jobs() -> None:
    """Every day: results older than thirty days go."""
    jobs.forget_old()


@shared_task(name="base.forget_calls")
def forget_calls() -> None:
    """Every night: answers to idempotency keys beyond their days, and counts of past minutes."""
    idempotency.purge()
    limits.forget()
