"""Where else the hub repeats the words of an event: with them, these go too.

A closed case keeps its cause, its decision, which fields were in dispute and the digests of what was said; only the
values go, from its history as well. What a person typed as a reason stays: it is theirs, and not the event's.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from integration.events import parse_event
from integration.hub.models import Archived, Case, Delivery, Mapping, Observation

_VALUES = """UPDATE {table} SET differences = coalesce((
    SELECT jsonb_agg(jsonb_build_object('field', row->'field', 'said', '', 'held', '') ORDER BY place)
    FROM jsonb_array_elements(differences) WITH ORDINALITY AS rows(row, place)), '[]') WHERE {where}"""
_KNOWN = """UPDATE hub_known SET facts = facts - 'name' WHERE name = ANY(%s) AND (%s OR facts->>'name' = ANY(%s))"""


def forget_values(cases: Sequence[Case], events: Sequence[Archived], by: Any, reason: str) -> None:
    """Both values of these closed cases, the refused bytes, and the values of further hits by these events."""
    keys = [case.pk for case in cases]
    with connection.cursor() as cursor:
        cursor.execute(
            _VALUES.format(table="hub_casehit", where="case_id = ANY(%s) OR event_id = ANY(%s)"),
            [keys, [event.pk for event in events]],
        )
        for table in ("hub_case", "hub_historicalcase"):
            cursor.execute(_VALUES.format(table=table, where="id = ANY(%s)"), [keys])
    for case in Case.objects.select_for_update().filter(pk__in=keys):
        case.refused_body, case.erased_at = None, timezone.now()
        case._history_user, case._change_reason = by, reason[:100]
        case.save()


def forget_answers(events: Sequence[Archived]) -> None:
    """What receivers said about these events, in deliveries and dry runs: a refusal may quote what it refuses."""
    keys = [event.pk for event in events]
    Delivery.objects.filter(Q(event__in=keys) | Q(replaces__in=keys)).exclude(error="").update(error="")
    Observation.objects.filter(event__in=keys).exclude(text="").update(text="")


def forget_names(events: Sequence[Archived], text: str) -> None:
    """The names of customers, as these events said them; of a record that is erased as a whole, whatever it is."""
    said: dict[UUID, set[str]] = {}
    for event in events:
        fact = parse_event(bytes(event.body)).contract()
        snapshot = getattr(fact, "snapshot", None) or getattr(fact, "customer", None)
        if (name := getattr(snapshot, "name", "")) and snapshot is not None:
            said.setdefault(snapshot.customer, set()).add(name)
    for customer, names in said.items():
        record = f"customer:{customer}"
        whole = record == text
        with connection.cursor() as cursor:
            cursor.execute(_KNOWN, [[record], whole, sorted(names)])
        kept: tuple[Any, ...] = (Mapping.objects, Mapping.history)
        for pairs in kept:
            rows = pairs.filter(customer=customer)
            (rows if whole else rows.filter(name__in=names)).update(name="")
