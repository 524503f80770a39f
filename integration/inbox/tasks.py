"""What the worker does for the inbox by the clock."""

from celery import shared_task

from integration.inbox import door


@shared_task(name="inbox.forget_refusals")
def forget_refusals() -> None:
    """Every night: old refusals go, also where no new one comes."""
    door.forget_old()
