"""What the worker does for accounts by the clock."""

from celery import shared_task
from django.utils import timezone

from crm.accounts import idle


@shared_task(name="accounts.sweep_idle")
def sweep_idle() -> None:
    """Every morning: which accounts lie untouched, and which go back to the pool."""
    idle.sweep(timezone.now())
