"""What the CRM tells of customers."""

from erp.parties import linking
from erp.parties import services as parties
from integration.contracts.customers import CustomerMerged, CustomerRegistered, CustomerSplit, CustomerUpdated
from integration.inbox import Awaiting, EventMeta, handles


@handles(CustomerRegistered)
def customer_registered(event: CustomerRegistered, meta: EventMeta) -> None:
    parties.open_party(event.snapshot)


@handles(CustomerUpdated)
def customer_updated(event: CustomerUpdated, meta: EventMeta) -> None:
    parties.update_from_crm(event.customer, event.snapshot)


@handles(CustomerMerged)
def customer_merged(event: CustomerMerged, meta: EventMeta) -> None:
    """Its own registration or split may still be on the way; in a snapshot there is none (a replay has all of them)."""
    if not linking.link_parties(event.customer, event.merged, event.snapshot) and not meta.backfill:
        raise Awaiting(f"customer {event.merged}")


@handles(CustomerSplit)
def customer_split(event: CustomerSplit, meta: EventMeta) -> None:
    linking.unlink_parties(event.customer, event.split, event.snapshot, along=event.along)
