"""What the hub learns from events, for detectors to read: one small row per thing, one query per event.

Every row can be made again from the archive (`rebuild`).
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from integration.contracts.customers import CustomerMerged, CustomerRegistered, CustomerSplit, CustomerUpdated
from integration.contracts.deals import DealWithdrawn, DealWon, DepositReported
from integration.contracts.invoices import InvoiceCredited, InvoiceIssued, PaymentReceived
from integration.contracts.orders import OrderAccepted, WithdrawalRefused
from integration.contracts.parties import PartyClassed, PartyOpened
from integration.contracts.products import PricePublished, ProductPublished, ProductWithdrawn
from integration.events import Event, parse_event
from integration.hub.detectors.base import Told
from integration.hub.detectors.catalogue import skus_of
from integration.hub.detectors.lifecycle import STATE_AFTER, STEPS
from integration.hub.models import Archived, Case, Known, Mapping

_TELLS_WHO = CustomerRegistered | CustomerUpdated | CustomerMerged | CustomerSplit
_LEARN = """INSERT INTO hub_known AS held (name, facts, gone, as_of, evidence) VALUES (%s, %s::jsonb, %s, %s, %s)
ON CONFLICT (name) DO UPDATE SET facts = held.facts || excluded.facts, gone = excluded.gone, as_of = excluded.as_of,
    evidence = excluded.evidence"""


def beside(event: Event, fact: Any) -> Told:
    """The event with what is known of everything it names: one query."""
    names = sorted({event.partition_key, *names_in(fact)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, facts, gone FROM hub_known WHERE name = ANY(%s)", [names])
        rows = cursor.fetchall()
    known = {name: json.loads(facts) if isinstance(facts, str) else facts for name, facts, _gone in rows}
    return Told(event, fact, known, frozenset(name for name, _facts, gone in rows if gone))


def names_in(fact: Any) -> Iterator[str]:
    """The names under which the things of a fact are known."""
    for noun in ("deal", "order"):
        if value := getattr(fact, noun, None):
            yield f"{noun}:{value}"
    customer = getattr(fact, "customer", None)
    if customer:
        customer = getattr(customer, "customer", customer)
        yield f"customer:{customer}"
        yield f"booked:{customer}"
    if isinstance(party := getattr(fact, "party", None), str):
        yield f"party:{party}"
    if isinstance(sku := getattr(fact, "sku", None), str):
        yield f"product:{sku}"
    for sku in skus_of(fact):
        yield f"product:{sku}"


def learn(told: Told) -> None:
    """Take over what an undisputed event says."""
    lessons = list(lessons_of(told))
    if not lessons:
        return
    event = told.event
    with connection.cursor() as cursor:
        # In the order of their names, so that two events cannot wait for each other.
        for name, facts, gone in sorted(lessons, key=lambda lesson: lesson[0]):
            cursor.execute(_LEARN, [name, json.dumps(facts), gone, event.time, event.id])


def lessons_of(told: Told) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """What a fact teaches: (name, facts, gone)."""
    fact = told.fact
    yield from _states(told)
    if isinstance(fact, DealWon | DepositReported) and told.facts(f"customer:{fact.customer.customer}") is None:
        # The promise carries its customer, whose own event may still be on its way: an ordinary race is no conflict.
        yield f"customer:{fact.customer.customer}", {"name": fact.customer.name}, False
    if isinstance(fact, ProductPublished):
        yield f"product:{fact.sku}", _product(told, fact), False
    elif isinstance(fact, PricePublished):
        held = (told.facts(f"product:{fact.sku}") or {}).get("currencies", [])
        if fact.currency not in held:
            yield f"product:{fact.sku}", {"currencies": sorted({*held, fact.currency})}, False
    elif isinstance(fact, _TELLS_WHO):
        yield f"customer:{fact.customer}", {"name": fact.snapshot.name, "version": fact.snapshot.version}, False
    elif isinstance(fact, PartyOpened | PartyClassed):
        terms = fact.model_dump(mode="json", exclude={"customer"})
        yield f"booked:{fact.customer}", terms, False
        yield f"party:{fact.party}", {"customer": str(fact.customer)}, False
    elif isinstance(fact, InvoiceIssued | InvoiceCredited | PaymentReceived):
        yield f"order:{fact.order}", {"currency": fact.currency}, False


def _states(told: Told) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """How far a record's life has come; a withdrawn deal is gone, until the ERP says that it is too late for that."""
    fact = told.fact
    after = STATE_AFTER.get(type(fact))
    if isinstance(fact, WithdrawalRefused) and fact.deal:
        yield f"deal:{fact.deal}", {"state": "won"}, False
    if after is None or isinstance(fact, ProductPublished | ProductWithdrawn):
        if isinstance(fact, ProductWithdrawn):
            yield f"product:{fact.sku}", {"state": after}, False
        return
    facts: dict[str, Any] = {"state": after}
    if isinstance(fact, DealWon):
        customer = fact.customer.customer
        facts |= {"currency": fact.currency, "customer": str(customer), "net_total": f"{fact.net_total:f}"}
    elif isinstance(fact, OrderAccepted):
        facts |= {"currency": fact.currency, "net_total": f"{fact.net_total:f}"}
    for noun, field, _steps in STEPS:
        if told.event.partition_key.startswith(f"{noun}:"):
            yield f"{noun}:{getattr(fact, field)}", facts, isinstance(fact, DealWithdrawn)


def _product(told: Told, fact: ProductPublished) -> dict[str, Any]:
    held = told.facts(f"product:{fact.sku}") or {}
    former = list(held.get("former", ()))
    if held.get("name") and held["name"] != fact.name and held["name"] not in former:
        former.append(held["name"])
    return {"name": fact.name, "unit": fact.unit, "state": "published", "former": former[-20:]}


def note(name: str, facts: dict[str, Any], evidence: Archived | None) -> None:
    """Something a person added to what the events said."""
    with connection.cursor() as cursor:
        cursor.execute(_LEARN, [name, json.dumps(facts), False, timezone.now(), evidence.pk if evidence else None])


def unlearn(name: str, fact: str) -> None:
    """A person decided that this was not so."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE hub_known SET facts = facts - %s WHERE name = %s", [fact, name])


def map_party(event: Event, fact: Any, archived: Archived, overrule: bool = False) -> None:
    """Customer UUID and party code are the identity; the name is only kept for people to read.

    With `overrule` a person has decided that the new pair counts.
    """
    if isinstance(fact, PartyOpened):
        if overrule:
            Mapping.objects.filter(Q(customer=fact.customer) | Q(party=fact.party)).delete()
        by_hand = Mapping.objects.filter(customer=fact.customer, party=fact.party, evidence=None)
        if (
            not by_hand.update(evidence=archived)
            and not Mapping.objects.filter(Q(customer=fact.customer) | Q(party=fact.party)).exists()
        ):
            facts = Known.objects.filter(name=f"customer:{fact.customer}").values_list("facts", flat=True).first()
            name = str((facts or {}).get("name", ""))[:250]
            Mapping.objects.create(customer=fact.customer, party=fact.party, name=name, evidence=archived)
    elif isinstance(fact, _TELLS_WHO):  # of two that were merged each keeps its party
        Mapping.objects.filter(customer=fact.customer).update(name=fact.snapshot.name)


def bury(name: str, evidence: UUID | None, at: datetime) -> None:
    """The record is gone: whatever comes of it now is a conflict."""
    with connection.cursor() as cursor:
        cursor.execute(_LEARN, [name, "{}", True, at, evidence])


@transaction.atomic
def rebuild() -> int:
    """Everything known, made again from the archive in the order it came; how many events were read."""
    erased = Archived.objects.filter(body=b"").values("partition_key")  # nothing can teach this again
    Known.objects.exclude(name__in=erased).delete()
    disputed = Case.objects.unsettled().exclude(event=None).values("event_id")
    undisputed = Archived.objects.filter(left_out=None).exclude(pk__in=disputed).exclude(body=b"")
    count = 0
    for archived in undisputed.order_by("archived_at", "event_id").iterator(chunk_size=500):
        event = parse_event(bytes(archived.body))
        learn(beside(event, event.contract()))
        count += 1
    for pair in Mapping.objects.select_related("evidence"):  # a person may have overruled what was said
        note(f"booked:{pair.customer}", {"party": pair.party}, pair.evidence)
        note(f"party:{pair.party}", {"customer": str(pair.customer)}, pair.evidence)
    return count
