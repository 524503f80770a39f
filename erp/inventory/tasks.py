from celery import shared_task

from base import context
from erp.inventory import valuing


@shared_task(name="inventory.tell_values")
def tell_values() -> str:
    """Every few minutes: what lies in stock and what it is worth, where that has changed."""
    with context.acting("the clock"):
        return f"{valuing.tell_values()} products told"
