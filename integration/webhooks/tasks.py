"""What the worker does for webhooks by the clock."""

from celery import shared_task

from integration.webhooks import sending


@shared_task(name="webhooks.forget_old")
def forget_old() -> None:
    """Every night: old deliveries go."""
    sending.forget_old()
