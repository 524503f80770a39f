from celery import shared_task

from base import context
from erp.ledger import sealing
from erp.ledger.models import Company


@shared_task(name="ledger.keep")
def keep() -> str:
    """Every few minutes: fold the balances and seal what was posted, of each company."""
    folded = sealed = 0
    with context.acting("the clock"):
        for company in Company.objects.order_by("code"):
            folded += sealing.fold(company)
            sealed += sum(one.entries for one in sealing.seal(company))
    return f"{folded} entries folded, {sealed} sealed"
