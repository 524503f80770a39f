"""What the CRM hears of money becomes a task here."""

from erp.banking import services
from integration.contracts.deals import DepositReported
from integration.inbox import EventMeta, handles


@handles(DepositReported)
def deposit_reported(event: DepositReported, meta: EventMeta) -> None:
    services.report_deposit(event)
