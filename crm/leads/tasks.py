"""What the worker does for leads by the clock."""

from celery import shared_task
from django.utils import timezone

from crm.leads import scoring, waiting


@shared_task(name="leads.press")
def press() -> None:
    """Every minute: who waits for a first call, and whom that concerns."""
    waiting.sweep(timezone.now())


@shared_task(name="leads.rate_all")
def rate_all() -> None:
    """Every night: open leads by the rules as they are now."""
    scoring.rate_all()
