"""Who is meant: keys that nobody knows, keys that mean two things, and records that are gone."""

from integration.contracts.credit import CreditBanded, CreditLimited
from integration.contracts.customers import CustomerRegistered
from integration.contracts.orders import OrderAccepted
from integration.contracts.parties import PartyClassed, PartyOpened
from integration.contracts.returns import ReturnRequested
from integration.hub.detectors.base import Finding, Told, finding


def tombstone(told: Told) -> Finding | None:
    """An event about a record that its own side, or an erasure, has ended. Pauses the record."""
    about = told.event.partition_key
    if about in told.gone:
        return finding("tombstone", ("record", told.event.type, "gone"), key=about)
    for name in ("deal", "customer"):
        value = getattr(told.fact, name, None)
        named = f"{name}:{value}"
        if told.event.side == "crm" and value is not None and named in told.gone:
            return finding("tombstone", (name, value, "gone"), key=named)
    return None


def mapped_twice(told: Told) -> Finding | None:
    """A customer with two parties, or a party with two customers. Pauses the record."""
    fact = told.fact
    if not isinstance(fact, PartyOpened | PartyClassed | CreditBanded | CreditLimited):
        return None
    held_party = (told.facts(f"booked:{fact.customer}") or {}).get("party")
    if held_party and held_party != fact.party:
        return finding("mapped-twice", ("party", fact.party, held_party), key=f"customer:{fact.customer}")
    held_customer = (told.facts(f"party:{fact.party}") or {}).get("customer")
    if held_customer and held_customer != str(fact.customer):
        return finding("mapped-twice", ("customer", fact.customer, held_customer), key=f"customer:{fact.customer}")
    return None


def unmapped(told: Told) -> Finding | None:
    """The ERP names a customer that the CRM has not registered, or a party nobody opened; the CRM a deal not won."""
    fact = told.fact
    if isinstance(fact, PartyOpened):
        if told.facts(f"customer:{fact.customer}") is None:
            return finding("unmapped", ("customer", fact.customer, ""), key=f"customer:{fact.customer}")
    elif isinstance(fact, PartyClassed | CreditBanded | CreditLimited):
        if told.facts(f"booked:{fact.customer}") is None:
            return finding("unmapped", ("party", fact.party, ""), key=f"customer:{fact.customer}")
    elif isinstance(fact, OrderAccepted):
        if fact.deal and told.facts(f"deal:{fact.deal}") is None:
            return finding("unmapped", ("deal", fact.deal, ""), key=f"deal:{fact.deal}")
    elif isinstance(fact, ReturnRequested) and told.facts(f"customer:{fact.customer}") is None:
        return finding("unmapped", ("customer", fact.customer, ""), key=f"customer:{fact.customer}")
    elif isinstance(fact, CustomerRegistered) and fact.customer != fact.snapshot.customer:
        return finding("unmapped", ("customer", fact.snapshot.customer, fact.customer))
    return None
