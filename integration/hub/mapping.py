"""The verbs of mappings: a person says which customer of the CRM is which party of the ERP, where no event has said so.

What events said counts more: a pair that contradicts them, or another pair, is refused with what is held instead.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from integration.hub import known
from integration.hub.models import Archived, Known, Mapping
from integration.hub.refusals import PairContradicts, PairInUse

Pair = tuple[UUID, str]


@transaction.atomic
def write_down(customer: UUID, party: str, by: Any, name: str = "") -> Mapping:
    """From now on the two are the same; detectors hold later events against it."""
    if contradiction := contradictions([(customer, party)]).get((customer, party)):
        raise PairContradicts(why=contradiction)
    try:
        with transaction.atomic():
            pair = Mapping.objects.create(customer=customer, party=party, name=name, written_by=by.get_username())
    except IntegrityError:  # somebody was quicker
        raise PairContradicts(why=_("{party} or this customer was mapped meanwhile.").format(party=party)) from None
    known.note(f"booked:{customer}", {"party": party}, None)
    known.note(f"party:{party}", {"customer": str(customer)}, None)
    known.note(f"customer:{customer}", {"mapped_by_hand": True}, None)
    return pair


@transaction.atomic
def pair_up(customer: UUID, party: str, evidence: Archived) -> Mapping:
    """A person decided that the two are the same; whoever was paired with one of them is not any more."""
    past = Known.objects.select_for_update().filter(name__in=[f"booked:{customer}", f"party:{party}"])
    held = dict(past.values_list("name", "facts"))
    if other := held.get(f"party:{party}", {}).get("customer"):
        known.unlearn(f"booked:{other}", "party")
    if other := held.get(f"booked:{customer}", {}).get("party"):
        known.unlearn(f"party:{other}", "customer")
    Mapping.objects.filter(party=party).exclude(customer=customer).delete()
    told = Known.objects.filter(name=f"customer:{customer}").values_list("facts", flat=True).first()
    pair, _new = Mapping.objects.update_or_create(
        customer=customer,
        defaults={"party": party, "evidence": evidence},
        create_defaults={"party": party, "evidence": evidence, "name": str((told or {}).get("name", ""))[:250]},
    )
    known.note(f"booked:{customer}", {"party": party}, evidence)
    known.note(f"party:{party}", {"customer": str(customer)}, evidence)
    return pair


@transaction.atomic
def rename(pair: Mapping, name: str) -> Mapping:
    """Another name for people to read; only the ids count."""
    pair.name = name
    pair.save()
    return pair


@transaction.atomic
def take_back(pair: Mapping) -> None:
    """As if it had never been written down; not once an event has named either of the two."""
    names = [f"booked:{pair.customer}", f"party:{pair.party}"]
    held = Known.objects.select_for_update().filter(name__in=[*names, f"customer:{pair.customer}"])
    if pair.evidence_id or held.filter(name__in=names).exclude(evidence=None).exists():
        raise PairInUse(party=pair.party)
    held.filter(evidence=None).delete()
    pair.delete()


def contradictions(pairs: Iterable[Pair]) -> dict[Pair, str]:
    """Which of these pairs cannot be, each with the reason: one end is mapped to something else, or the ERP said so."""
    wanted = set(pairs)
    customers, parties = {customer for customer, _party in wanted}, {party for _customer, party in wanted}
    by_customer: dict[str, str] = {}
    by_party: dict[str, str] = {}
    for customer, party in Mapping.objects.filter(Q(customer__in=customers) | Q(party__in=parties)).values_list(
        "customer", "party"
    ):
        by_customer[str(customer)], by_party[party] = party, str(customer)
    names = [*(f"booked:{customer}" for customer in customers), *(f"party:{party}" for party in parties)]
    for name, facts in Known.objects.filter(name__in=names).values_list("name", "facts"):
        noun, _colon, key = name.partition(":")
        if noun == "booked" and facts.get("party"):
            by_customer.setdefault(key, facts["party"])
        elif noun == "party" and facts.get("customer"):
            by_party.setdefault(key, facts["customer"])
    return {pair: why for pair in wanted if (why := _why(pair, by_customer, by_party))}


def _why(pair: Pair, by_customer: dict[str, str], by_party: dict[str, str]) -> str:
    customer, party = pair
    if (held := by_customer.get(str(customer), party)) != party:
        return _("This customer is {party} already.").format(party=held)
    if (other := by_party.get(party, str(customer))) != str(customer):
        return _("{party} is customer {customer} already.").format(party=party, customer=other)
    return ""
