"""What the CRM says that concerns orders."""

from erp.orders import services as orders
from integration.contracts.deals import DealWithdrawn, DealWon
from integration.inbox import EventMeta, handles


@handles(DealWon)
def deal_won(event: DealWon, meta: EventMeta) -> None:
    orders.receive_promise(event, meta.id)


@handles(DealWithdrawn)
def deal_withdrawn(event: DealWithdrawn, meta: EventMeta) -> None:
    orders.withdraw(event.deal, event.reason)
