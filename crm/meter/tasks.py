"""What the worker does for the meter by the clock."""

from celery import shared_task

from crm.meter import services


@shared_task(name="meter.forget")
def forget() -> None:
    """Every night: what is older than it is kept."""
    services.forget()
