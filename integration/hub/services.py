"""Deciding a case: every choice does what its button says, in one transaction, by a person, for a reason."""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as AnyMapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from integration.contracts.hub import AmendmentRequested, DisputedField, EventSkipped
from integration.events import parse_event
from integration.hub import bridging, judging, known, mapping, pausing, reconciling, restricted, stuck, telling
from integration.hub.causes import cause_of, choices_of
from integration.hub.models import (
    Archived,
    Case,
    CaseState,
    Delivery,
    Known,
    Mapping,
    Pause,
    Route,
    Scope,
    SetAside,
    Stream,
)
from integration.hub.refusals import (
    AlreadyDecided,
    AlreadyDelivered,
    KeyMissing,
    KeyTaken,
    KeyUnknown,
    NotOffered,
    ReasonMissing,
    StillOnItsWay,
    UnknownTarget,
)
from integration.lanes import WorkState, notify, retry_parked

ATTEMPT_AT_MOST = timedelta(seconds=15)


def decide(case: Case, choice: str, by: Any, reason: str, value: str = "") -> Case:
    """Take one of the choices that the case offers; `value` is what a key is mapped to."""
    _refuse_unfit(case, choice, reason)
    if case.cause == "reconciliation" and choice == "accept":
        reconciling.tell_anew(case.source, case.about)  # asked before anything is locked; told twice it does no harm
    return _decide(case, choice, by, reason.strip(), value.strip())


def _refuse_unfit(case: Case, choice: str, reason: str) -> None:
    if case.state == CaseState.CLOSED:
        raise AlreadyDecided(number=case.number, choice=case.choice)
    if choice not in [offered.name for offered in choices_of(case)]:
        raise NotOffered(number=case.number)
    if not reason.strip():
        raise ReasonMissing()


@transaction.atomic
def _decide(case: Case, choice: str, by: Any, reason: str, value: str) -> Case:
    held = Case.objects.select_for_update().get(pk=case.pk)
    _refuse_unfit(held, choice, reason)  # somebody may have been quicker
    if choice == "ask":
        return _ask(held, by, reason)
    (_OF_CAUSE.get((held.cause, choice)) or _VERBS[choice])(held, by, reason, value)
    held.close()
    held.choice, held.reason, held.closed_by, held.closed_at = choice, reason, by, timezone.now()
    held.save()
    _go_on(held, by, reason)
    return held


def _accept(case: Case, by: Any, reason: str, value: str) -> None:
    """The event counts: learn it as if nobody had doubted it."""
    archived = _event_of(case)
    event = parse_event(bytes(archived.body))
    fact = event.contract()
    known.learn(known.beside(event, fact))
    known.map_party(event, fact, archived, overrule=True)
    judging.mark_checked(case.source, case.about, archived.aggregate_seq)


def _accept_pair(case: Case, by: Any, reason: str, value: str) -> None:
    """The event's pair counts, whichever of its facts said it; who held one of the two before holds it no more."""
    fact: Any = parse_event(bytes(_event_of(case).body)).contract()
    mapping.pair_up(fact.customer, fact.party, _event_of(case))
    _accept(case, by, reason, value)


def _map(case: Case, by: Any, reason: str, value: str) -> None:
    """Write the pair down with the event as evidence; then the event counts."""
    archived = _event_of(case)
    noun, _colon, key = case.key.partition(":")
    if not value:
        raise KeyMissing()
    if noun == "customer":
        taken = Mapping.objects.filter(party=value).exclude(customer=key).exists()
        if taken:
            raise KeyTaken(value=value)
        mapping.pair_up(UUID(key), value[:40], archived)
        known.note(f"customer:{key}", {"mapped_by_hand": True}, archived)
    else:
        known.note(case.key, {"mapped_to": value[:200], "state": "won"}, archived)
    _accept(case, by, reason, value)


def _map_product(case: Case, by: Any, reason: str, value: str) -> None:
    """The unknown key is this published product: noted, so that the next event that names it is no conflict."""
    if not value:
        raise KeyMissing()
    meant = Known.objects.filter(name=f"product:{value}").values_list("facts", flat=True).first()
    if (meant or {}).get("state") != "published":
        raise KeyUnknown(value=value)
    known.note(case.key, {"mapped_to": value, "state": "published"}, _event_of(case))
    _accept(case, by, reason, value)


def _map_pair(case: Case, by: Any, reason: str, value: str) -> None:
    """The customer is this party; the event counts when it says so too, or a note takes its place."""
    if not value:
        raise KeyMissing()
    customer, fact = UUID(case.key.partition(":")[2]), parse_event(bytes(_event_of(case).body)).contract()
    says_so = value == getattr(fact, "party", "")
    if not says_so and Mapping.objects.filter(party=value).exclude(customer=customer).exists():
        raise KeyTaken(value=value)
    mapping.pair_up(customer, value[:40], _event_of(case))
    (_accept if says_so else _leave_out)(case, by, reason, value)


def _leave_out(case: Case, by: Any, reason: str, value: str) -> None:
    """A note signed by the hub takes the event's place in every delivery that has not happened."""
    archived = _event_of(case)
    leave_out(archived, reason, str(case))
    judging.mark_checked(case.source, case.about, archived.aggregate_seq)


def refuse_on_its_way(delivery: Delivery) -> None:
    """What may be travelling at this moment cannot be taken back."""
    recent = delivery.not_before > timezone.now() - ATTEMPT_AT_MOST
    if delivery.attempts and delivery.state == WorkState.WAITING and not delivery.error and recent:
        raise StillOnItsWay()


def leave_out(archived: Archived, reason: str, case: str = "") -> list[Delivery]:
    """Replace an event that has not been received yet by the hub's note; its number stays taken."""
    waiting = list(Delivery.objects.select_for_update().filter(event=archived).order_by("pk"))
    for delivery in waiting:
        if delivery.state == WorkState.DONE:
            raise AlreadyDelivered(destination=delivery.destination.upper())
        refuse_on_its_way(delivery)
    if not waiting:
        return []
    note = telling.say(
        EventSkipped(
            about=archived.partition_key, event=archived.pk, contract=archived.type, reason=reason[:4000], case=case
        ),
        causation=str(archived.pk),
    )
    for delivery in waiting:
        delivery.event, delivery.replaces = note, archived
        delivery.state, delivery.attempts, delivery.error = WorkState.WAITING, 0, ""
        delivery.finished_at, delivery.not_before, delivery.answered = None, timezone.now(), None
        delivery.save()
    notify(Delivery._meta.db_table)
    return waiting


def _set_aside(case: Case, by: Any, reason: str, value: str) -> None:
    """The refused bytes get a yes when they come again; if they hold the next number, it is taken."""
    SetAside.objects.get_or_create(digest=case.refused_digest, defaults={"case": case})


def _skip_both(case: Case, by: Any, reason: str, value: str) -> None:
    """Neither the refused event nor the one that had its id or its number before."""
    if case.cause == "id-reuse":
        first = Archived.objects.filter(pk=case.key)
    else:
        first = Archived.objects.filter(
            source=case.source, partition_key=case.about, aggregate_seq=int(case.differences[0]["said"])
        )
    for archived in first:
        leave_out(archived, reason, str(case))
    _set_aside(case, by, reason, value)


def _skip_gap(case: Case, by: Any, reason: str, value: str) -> None:
    """What is missing counts as lost: the number that was refused is the next one."""
    _count_from(case, max(int(row["said"]) for row in case.differences) - 1)


def _skip_late(case: Case, by: Any, reason: str, value: str) -> None:
    """What is missing counts as lost, and what came too early as used: the record goes on behind it."""
    _set_aside(case, by, reason, value)
    _count_from(case, int(case.differences[0]["said"]))


def _count_from(case: Case, last: int) -> None:
    Stream.objects.filter(source=case.source, partition_key=case.about, last__lt=last).update(last=last)


def _release(case: Case, by: Any, reason: str, value: str) -> None:
    """Nothing to change: the pause ends with the case."""


def _leave_out_there(case: Case, by: Any, reason: str, value: str) -> None:
    """A note takes the event's place on the side that has taken it and cannot apply it."""
    stuck.leave_out(case, reason)


def _tell_anew(case: Case, by: Any, reason: str, value: str) -> None:
    bridging.tell_anew(case)


def _step_over(case: Case, by: Any, reason: str, value: str) -> None:
    bridging.bridge(case)


def _retry(case: Case, by: Any, reason: str, value: str) -> None:
    stuck.retry(case)


_VERBS: dict[str, Callable[[Case, Any, str, str], None]] = {
    "accept": _accept,
    "keep": _leave_out,
    "skip": _leave_out,
    "map": _map,
    "set_aside": _set_aside,
    "go_on": _skip_gap,
    "release": _release,
    "tell_anew": _tell_anew,
    "step_over": _step_over,
    "retry": _retry,
}
# Where the same word asks for something else.
_OF_CAUSE: dict[tuple[str, str], Callable[[Case, Any, str, str], None]] = {
    ("mapped-twice", "accept"): _accept_pair,
    ("mapped-twice", "map"): _map_pair,
    ("unknown-product", "map"): _map_product,
    ("id-reuse", "skip"): _skip_both,
    ("regress", "skip"): _skip_both,
    ("gap", "skip"): _skip_late,
    (stuck.CAUSE, "skip"): _leave_out_there,
    ("reconciliation", "accept"): _release,  # the owner was asked to tell it anew
    ("reconciliation", "keep"): _release,  # `reconciling` remembers both values
}


def _ask(case: Case, by: Any, note: str) -> Case:
    """The owner's people get a task with both values; the record stays held until the case is decided."""
    case.ask()
    told = telling.say(
        AmendmentRequested(
            about=case.about,
            case=case.pk,
            case_number=str(case.number),
            event=case.event_id,
            contract=case.contract or case.about,
            owner_side=case.source,
            cause=str(cause_of(case.cause).title),
            differences=tuple(DisputedField(**row) for row in restricted.differences_told(case)),
            note=note,
            asked_by=by.get_full_name() or by.get_username(),
        ),
        causation=str(case.event_id or ""),
    )
    for route in Route.objects.filter(contract=told.type, destination=case.source):
        telling.deliver(told, route)
    case.asked_event, case.reason = told.pk, note
    case.save()
    return case


def _go_on(case: Case, by: Any, reason: str) -> None:
    """The next conflict of the record, or its deliveries: nothing is let go that has not been looked at."""
    if case.pause is None or Case.objects.unsettled().filter(pause=case.pause).exists():
        return
    held = type(case.pause).objects.select_for_update().get(pk=case.pause_id)
    if held.ended_at is not None:
        return
    if held.needs_two:
        if held.asked_by_id is None:
            pausing.resume(held, by, reason)
        return
    if held.scope == "aggregate" and judging.recheck(case.source, case.about) is not None:
        return
    pausing.end(held, by, reason)


def _event_of(case: Case) -> Archived:
    assert case.event is not None, "a case about an archived event"
    return case.event


def held_by(case: Case) -> QuerySet[Delivery]:
    """What waits because of the case, in order."""
    if case.pause is None or case.pause.ended_at is not None:
        return Delivery.objects.none()
    waiting = deliveries_of(case.pause).filter(state=WorkState.WAITING)
    return waiting.select_related("event", "route").order_by("position")[:50]


def deliveries_of(held: Pause) -> QuerySet[Delivery]:
    """The deliveries in the scope of a pause."""
    rows = Delivery.objects.all()
    if held.scope == Scope.CONTRACT:
        return rows.filter(route__contract=held.target)
    if held.scope == Scope.DIRECTION:
        source, _arrow, destination = held.target.partition(">")
        return rows.filter(route__source=source, destination=destination)
    if held.scope == Scope.AGGREGATE:
        source, _space, about = held.target.partition(" ")
        routes = Route.objects.filter(source=source)
        return rows.filter(aggregate__in=[f"{direction} {about}" for direction in {r.direction for r in routes}])
    return rows


def parked_classes() -> Sequence[AnyMapping[str, object]]:
    """What receivers refused for good, by contract and answer."""
    rows = Delivery.objects.filter(state=WorkState.PARKED).values("route__contract", "destination", "answered")
    return list(rows.annotate(count=Count("pk")).order_by("-count")[:50])


@transaction.atomic
def send_again(event: str = "", aggregate: str = "", failure: str = "", destination: str = "") -> int:
    """Take parked deliveries up again, oldest first: one event's, a record's, or all with that answer; to one side."""
    rows = Delivery.objects.filter(state=WorkState.PARKED)
    if destination:
        rows = rows.filter(destination=destination)
    if event:
        rows = rows.filter(event_id=_uuid(event))
    elif aggregate:
        rows = rows.filter(aggregate=aggregate)
    elif failure.isdecimal():
        rows = rows.filter(answered=int(failure))
    else:
        raise UnknownTarget(target=failure)
    keys = rows.order_by("created_at", "position").values_list("pk", flat=True)
    return sum(retry_parked(Delivery, key) for key in list(keys))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UnknownTarget(target=text) from None
