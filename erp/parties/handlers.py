"""What the CRM tells of customers."""

from erp.parties import services as parties
from integration.contracts.customers import CustomerRegistered, CustomerUpdated
from integration.inbox import handles
from integration.inbox.handling import EventMeta


@handles(CustomerRegistered)
def customer_registered(event: CustomerRegistered, meta: EventMeta) -> None:
    parties.open_party(event.snapshot)


@handles(CustomerUpdated)
def customer_updated(event: CustomerUpdated, meta: EventMeta) -> None:
    parties.update_from_crm(event.customer, event.snapshot)
