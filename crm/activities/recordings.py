"""Saying something instead of typing it; and what a phone adds to a visit altogether."""

from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from base.refusals import BadInput
from crm.activities import presence, sounds
from crm.activities.models import Entry, Recording
from crm.activities.services import EntryStays, keep_file

MOST_RECORDINGS = 5


@transaction.atomic
def add_recording(entry: Entry, data: bytes, *, by: Any, seconds: int, id: UUID | None = None) -> Recording:
    """A recording for one's own visit, played on its timeline; the same `id` is one recording."""
    entry = Entry.objects.select_for_update().get(pk=entry.pk)
    if entry.author_id != by.pk:
        raise EntryStays()
    if id is not None and (known := Recording.objects.filter(pk=id, entry=entry).first()):
        return known
    if entry.kind != "visit":
        raise BadInput(why=_("Only visits have recordings."), field="recording")
    if not 0 <= seconds <= sounds.MOST_SECONDS:
        raise BadInput(why=_("A recording may last five minutes."), field="recording")
    if entry.recordings.count() >= MOST_RECORDINGS:
        raise BadInput(why=_("An entry has at most {most} recordings.").format(most=MOST_RECORDINGS), field="recording")
    sound = sounds.read(data)
    recording = Recording(
        **({"id": id} if id else {}), entry=entry, seconds=seconds, size=len(data), media_type=sound.media_type
    )
    keep_file(recording.path, sound.data)
    recording.save(force_insert=True)
    return recording


def taken_along(typed: dict[str, Any]) -> dict[str, Any]:
    """Takes out of a form's values what belongs beside the entry and not into it."""
    return {name: typed.pop(name, None) for name in ("check_in", "recording", "recording_seconds")}


def attach(entry: Entry, along: dict[str, Any], *, by: Any, saved_at: Any = None) -> None:
    """Keeps it with the visit; the recording's id follows from the entry's, so that a doubled submit keeps one."""
    if along["check_in"]:
        presence.check_in(entry, along["check_in"], by=by, saved_at=saved_at)
    if along["recording"]:
        data, seconds = along["recording"].read(sounds.MOST_BYTES + 1), along["recording_seconds"] or 0
        add_recording(entry, data, by=by, seconds=seconds, id=uuid5(entry.pk, "recording"))
