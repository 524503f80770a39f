"""Logging what happened: a line on the timeline, and the next step where it belongs."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from crm.accounts.models import Account
from crm.activities import services as activities
from crm.activities.models import Entry
from crm.activities.pictures import MOST_BYTES
from crm.activities.recordings import attach
from crm.pipeline import services as pipeline
from crm.pipeline.models import Deal

VERBS = {"call": activities.log_call, "visit": activities.log_visit, "meeting": activities.log_meeting}


@transaction.atomic
def log(
    account: Account,
    kind: str,
    *,
    by: Any,
    outcome: str = "",
    text: str = "",
    next_step: str = "",
    next_step_on: Any = None,
    deal: Deal | None = None,
    entry: Entry | None = None,
    id: UUID | None = None,
    photo: Any = None,
    keep_place: bool = False,
    occurred_at: datetime | None = None,
    along: dict[str, Any] | None = None,
    **_other: Any,
) -> Entry:
    """A call, visit, meeting, note or task; with a deal its next step is the deal's, else it stays in the entry.

    Logging is doing: the deal's step that was due, or the step of the entry it answers, is done with it. `along` is
    what a phone adds to a visit (crm.activities.recordings).
    """
    about: dict[str, Any] = {"by": by, "text": text, "id": id, "deal": deal.pk if deal else None}
    about["occurred_at"] = occurred_at
    if kind == "task":
        made = activities.plan_task(account, next_step, next_step_on, **about)
        return _with_photo(made, photo, by, keep_place)
    on_deal = deal is not None and deal.is_open and deal.writable_by(by)
    if not on_deal:
        about |= {"next_step": next_step or (text[:250] if next_step_on else ""), "next_step_on": next_step_on}
    made = activities.note(account, **about) if kind == "note" else VERBS[kind](account, outcome, **about)
    if along and kind == "visit":
        attach(made, along, by=by, saved_at=occurred_at)
    if entry is not None:
        activities.finish_step(entry)
    if deal is not None and on_deal and (next_step_on or kind != "note"):
        step = next_step or (deal.next_step if next_step_on else "")
        pipeline.change_deal(deal, next_step=step, next_step_on=next_step_on)
    return _with_photo(made, photo, by, keep_place)


def _with_photo(entry: Entry, photo: Any, by: Any, keep_place: bool) -> Entry:
    """The photo's id follows from the entry's, so that a doubled submit keeps one."""
    if photo is not None:
        id = uuid5(entry.pk, "photo")
        activities.add_photo(entry, photo.read(MOST_BYTES + 1), by=by, keep_place=keep_place, id=id)
    return entry
