"""Beside the archive, in the same transaction: is there a conflict, and if so who waits for whom?"""

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from integration.contracts import Contract
from integration.events import Event, parse_event
from integration.hub import known, pausing
from integration.hub.causes import CAUSES
from integration.hub.detectors import AT_INTAKE, Finding
from integration.hub.detectors.base import Told
from integration.hub.models import Archived, Case, CaseHit, Pause, Scope, Stream
from integration.hub.restricted import is_restricted


def first_finding(told: Told) -> Finding | None:
    """What the first detector says that finds something."""
    for detector in AT_INTAKE:
        if (found := detector(told)) is not None:
            return found
    return None


def judge(event: Event, fact: Contract, archived: Archived, travels: bool = True) -> Case | None:
    """Look at an event that has just been archived: learn from it, or open a case that holds its record.

    A contract that goes nowhere yet can hurt nobody: it is archived and learnt.
    """
    told = known.beside(event, fact)
    found = first_finding(told)
    if found is None or not travels:
        known.learn(told)
        known.map_party(event, fact, archived)
        return None
    return open_case(found, source=event.side, contract=event.type, about=event.partition_key, event=archived)


@transaction.atomic
def open_case(
    found: Finding,
    *,
    source: str,
    contract: str,
    about: str,
    event: Archived | None = None,
    body: bytes | None = None,
    digest: str = "",
    target: str = "",
) -> Case:
    """The case of this cause and record: a new one with its pause, or the one that stands, with one hit more."""
    differences = [difference.as_json() for difference in found.differences]
    standing = _standing(found.cause, source, about)
    if standing is not None:
        return _join(standing, differences, event, digest)
    title = str(CAUSES[found.cause].title)
    held = pausing.pause(found.scope, target or _target(found.scope, source, contract, about), f"{title}: {about}")
    try:
        with transaction.atomic():
            case = Case(
                number=_next_number(),
                cause=found.cause,
                source=source,
                contract=contract,
                about=about,
                differences=differences,
                key=found.key[:300],
                event=event,
                refused_body=body,
                refused_digest=digest,
                pause=held,
                restricted=is_restricted(contract),
            )
            case.save(force_insert=True)
    except IntegrityError:  # a rival opened it in between
        standing = _standing(found.cause, source, about)
        assert standing is not None
        return _join(standing, differences, event, digest)
    return case


def _standing(cause: str, source: str, about: str) -> Case | None:
    unsettled = Case.objects.unsettled().select_for_update()
    return unsettled.filter(cause=cause, source=source, about=about).first()


def _join(case: Case, differences: list[dict[str, str]], event: Archived | None, digest: str) -> Case:
    """Another hit; a refused event that its sender tries again counts, and is kept once."""
    case.hits += 1
    case.last_hit_at = timezone.now()
    Case.objects.filter(pk=case.pk).update(hits=case.hits, last_hit_at=case.last_hit_at)  # no entry in its history
    if event is not None or digest != case.refused_digest:
        CaseHit.objects.create(case=case, event=event, differences=differences)
    return case


def _target(scope: str, source: str, contract: str, about: str) -> str:
    if scope == Scope.AGGREGATE:
        return pausing.aggregate_target(source, about)
    return {Scope.CONTRACT: contract, Scope.ALL: ""}[Scope(scope)]


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('public.hub_case_number')")
        (value,) = cursor.fetchone()
    return int(value)


def recheck(source: str, about: str) -> Case | None:
    """Look at what was archived while the record was held, in order; the first conflict opens the next case."""
    stream = Stream.objects.select_for_update().filter(source=source, partition_key=about).first()
    if stream is None:
        return None
    waiting = Archived.objects.filter(
        source=source, partition_key=about, aggregate_seq__gt=stream.checked, aggregate_seq__lte=stream.last
    ).order_by("aggregate_seq")
    for archived in waiting:
        event = parse_event(bytes(archived.body))
        if (case := judge(event, event.contract(), archived)) is not None:
            return case
        mark_checked(source, about, archived.aggregate_seq)
    return None


def mark_checked(source: str, about: str, number: int) -> None:
    """All up to this number has been learnt or decided."""
    Stream.objects.filter(source=source, partition_key=about, checked__lt=number).update(checked=number)


def mark_unchecked(source: str, about: str, number: int) -> None:
    """From this number on nothing has been decided."""
    Stream.objects.filter(source=source, partition_key=about).update(checked=number - 1)


def fill_gap(source: str, about: str, number: int) -> None:
    """The missing event came: a case that waited for it is closed by itself."""
    for case in Case.objects.unsettled().select_for_update().filter(cause="gap", source=source, about=about):
        if all(int(row["said"]) <= number + 1 for row in case.differences):
            close_by_itself(case, "The missing event came.")


@transaction.atomic
def close_by_itself(case: Case, reason: str) -> None:
    """What the case was about is no more; its pause ends unless another case or a person holds it."""
    case = Case.objects.select_for_update().get(pk=case.pk)
    case.close()
    case.choice, case.reason, case.closed_at = "came", reason, timezone.now()
    case.save()
    if case.pause_id is None or Case.objects.unsettled().filter(pause=case.pause_id).exists():
        return
    held = Pause.objects.select_for_update().get(pk=case.pause_id)
    if held.ended_at is not None or held.needs_two:
        return
    if held.scope == Scope.AGGREGATE and recheck(case.source, case.about) is not None:
        return
    pausing.end(held, None, reason)


@transaction.atomic
def open_refused(found: Finding, event: Event, body: bytes, digest: str) -> Case | None:
    """A case for what was refused at the door; its bytes are kept with it.

    None when a gap was filled between the refusal and this: nothing is missing, and nothing would close the case.
    """
    Stream.objects.get_or_create(source=event.side, partition_key=event.partition_key)
    stream = Stream.objects.select_for_update().get(source=event.side, partition_key=event.partition_key)
    if found.cause == "gap" and event.aggregate_seq <= stream.last + 1:
        return None
    return open_case(found, source=event.side, contract=event.type, about=event.partition_key, body=body, digest=digest)
