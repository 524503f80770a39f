from celery import shared_task
from django.utils import timezone

from base import context
from erp.ledger import vouchers
from erp.recurring import services


@shared_task(name="recurring.bring")
def bring() -> str:
    """Every night: the drafts that are due, and the accruals whose day of reversal has come."""
    today = timezone.localdate()
    with context.acting("the clock"):
        return f"{services.bring_all(today)} drafts written, {vouchers.take_back_due(today)} accruals reversed"
