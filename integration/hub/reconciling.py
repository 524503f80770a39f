"""Do both sides hold the same? Digests by bucket first, records only of buckets that differ, and a second look.

A record on its way is no difference: what differs must differ again some seconds later, with nothing of it in flight.
"""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from integration.hub import judging
from integration.hub.detectors.agreement import disagreement
from integration.hub.models import Archived, Case, CaseState, Comparison, Delivery
from integration.hub.sides import ask_for_a_person
from integration.lanes import WorkState
from integration.liaison.asking import Ask, NoAnswer, ask

log = logging.getLogger(__name__)

# Subject → who owns it, and the contract that tells of it.
SUBJECTS: dict[str, tuple[str, str]] = {
    "customers": ("crm", "crm.customer.updated.v1"),
    "products": ("erp", "erp.product.published.v1"),
    "prices": ("erp", "erp.price.published.v1"),
    "orders": ("erp", "erp.order.accepted.v1"),
    "invoices": ("erp", "erp.invoice.issued.v1"),
    "payments": ("erp", "erp.payment.received.v1"),
}
SECOND_LOOK_S = 5.0
SETTLED = timedelta(seconds=30)
CASES_AT_MOST = 200

Records = dict[str, tuple[str, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One record that the owner and the other side hold differently; a side without it holds nothing."""

    key: str
    about: str
    owner: dict[str, str]
    other: dict[str, str]


def reconcile(subject: str, ask: Ask = ask, second_look_s: float = SECOND_LOOK_S) -> Comparison:
    """Compare one subject and open a case for every record that differs."""
    owner, contract = SUBJECTS[subject]
    comparison = Comparison.objects.create(subject=subject)
    try:
        compared, found = compare(subject, ask)
        if found:
            time.sleep(second_look_s)
            again = {miss.key: miss for miss in compare(subject, ask)[1]}
            found = [again[miss.key] for miss in found if again.get(miss.key) == miss and not in_flight(miss.about)]
        found = [miss for miss in found if not is_decided(owner, miss)]
        comparison.compared, comparison.differing = compared, len(found)
        for miss in found[:CASES_AT_MOST]:
            open_mismatch(owner, contract, subject, miss)
        settle(subject, owner, {miss.about for miss in found})
    except NoAnswer as fault:
        comparison.error = str(fault)[:500]
    except Exception as fault:  # whatever it is, the other subjects are compared all the same, and somebody is told
        log.exception("%s could not be compared", subject)
        comparison.error = type(fault).__name__
    comparison.ended_at = timezone.now()
    comparison.save()
    return comparison


def compare(subject: str, ask: Ask = ask) -> tuple[int, list[Mismatch]]:
    """How many buckets were compared, and the records that differ."""
    owner, _contract = SUBJECTS[subject]
    other = "erp" if owner == "crm" else "crm"
    ours = ask(owner, "digests", subject=subject)["digests"]
    theirs = ask(other, "digests", subject=subject)["digests"]
    buckets = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    if not buckets:
        return len(ours), []
    left = _records(ask(owner, "records", subject=subject, buckets=buckets))
    right = _records(ask(other, "records", subject=subject, buckets=buckets))
    found = []
    for key in sorted(left.keys() | right.keys()):
        about, values = left.get(key, ("", {}))
        about_there, values_there = right.get(key, ("", {}))
        if values != values_there:
            found.append(Mismatch(key, about or about_there, values, values_there))
    return len(ours.keys() | theirs.keys()), found


def _records(answer: dict[str, Any]) -> Records:
    return {key: (about, values) for key, about, values in answer["records"]}


def in_flight(about: str) -> bool:
    """Something of the record is on its way, or has only just arrived, or waits for a person."""
    if Archived.objects.filter(partition_key=about, archived_at__gt=timezone.now() - SETTLED).exists():
        return True
    aggregates = [f"crm>erp {about}", f"erp>crm {about}"]
    return Delivery.objects.filter(aggregate__in=aggregates).exclude(state=WorkState.DONE).exists()


def open_mismatch(owner: str, contract: str, subject: str, miss: Mismatch) -> Case | None:
    """A case with both values, once per record."""
    found = disagreement(miss.key, miss.owner, miss.other)
    if found is None:
        return None
    return judging.open_case(found, source=owner, contract=contract, about=miss.about)


def is_decided(owner: str, miss: Mismatch) -> bool:
    """Did a person let both sides keep these very values? Once one of them changes, it is asked again."""
    found = disagreement(miss.key, miss.owner, miss.other)
    decided = Case.objects.filter(cause="reconciliation", source=owner, about=miss.about, key=miss.key[:300])
    last = decided.filter(state=CaseState.CLOSED).order_by("-closed_at").values("choice", "differences").first()
    if found is None or last is None or last["choice"] != "keep":
        return False
    return bool(last["differences"] == [difference.as_json() for difference in found.differences])


def tell_anew(owner: str, about: str, ask: Ask = ask) -> None:
    """Have the owner tell a record once more as it is now: the other side takes it over as any news."""
    ask_for_a_person(owner, "tell", ask, about=about)


def settle(subject: str, owner: str, differing: set[str]) -> None:
    """What agrees by now needs nobody: its case is closed by itself, its pause ends."""
    _owner, contract = SUBJECTS[subject]
    standing = Case.objects.unsettled().filter(cause="reconciliation", source=owner, contract=contract)
    for case in standing.exclude(about__in=differing):
        judging.close_by_itself(case, "The sides agree again.")
