from celery import shared_task

from base import context
from erp.proof import services


@shared_task(name="proof.nightly")
def nightly() -> str:
    """Every night: the whole proof."""
    with context.acting("nightly"):
        return services.said(services.prove())
