"""The verbs of what comes from devices: take an operation once, choose between two values, give up what was refused."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.notices import notify
from base.refusals import ChangedMeanwhile, Refused
from crm.offline.merging import Difference
from crm.offline.models import Choice, Clash, Fate, Operation

OLDEST = timedelta(days=60)
LEDGER = "/offline/"


class OtherContent(Refused):
    """The device used one UUID for two things."""

    message = gettext_lazy("Something else was sent under this key before; nothing was done.")


class OfSomebodyElse(Refused):
    """What one person wrote on a shared phone is never sent in the name of another."""

    message = gettext_lazy("These were made by somebody else on this device; they wait until that person signs in.")


@dataclass(frozen=True)
class Sent:
    """An operation as a device sends it."""

    key: UUID
    device: UUID
    number: int
    kind: str
    fields: dict[str, Any]
    base: dict[str, Any] = field(default_factory=dict)
    target: UUID | None = None
    age_seconds: float = 0
    replaces: UUID | None = None
    photo: bytes | None = None
    recording: bytes | None = None

    @property
    def files(self) -> dict[str, bytes]:
        """What came beside the fields."""
        return {name: file for name in ("photo", "recording") if (file := getattr(self, name))}

    def digest(self) -> str:
        """The same for the same content; when it was sent does not matter."""
        told = [self.kind, self.fields, self.base, str(self.target), hashlib.sha256(self.photo or b"").hexdigest()]
        if self.recording:
            told.append(hashlib.sha256(self.recording).hexdigest())
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class Done:
    """What a deed made or changed."""

    kind: str
    id: UUID
    url: str
    about: str = ""
    owner: Any = None
    values: dict[str, Any] = field(default_factory=dict)
    clashes: Sequence[Difference] = ()


Deed = Callable[[Sent, datetime], Done]


def receive(user: Any, sent: Sent, deed: Deed) -> Operation:
    """Carry the operation out, once: its row and its effect commit together, and of two rivals one waits.

    The same again gets the same answer; so does what was refused, for nothing was done and its words are kept.
    """
    with transaction.atomic():
        held, fresh = _claim(user, sent)
        if not fresh:
            if held.digest != sent.digest():
                raise OtherContent()
            return held
        try:
            with transaction.atomic():
                done = deed(sent, held.made_at)
                _note(held, done)
        except Refused as refusal:
            held.fate, held.answer = Fate.REFUSED, _refused(refusal)
        except (DataError, IntegrityError):
            held.fate = Fate.REFUSED
            held.answer = {"code": "bad-input", "message": _("A value is out of bounds; nothing was changed.")}
        held.save()
        if held.fate != Fate.REFUSED and sent.replaces:
            drop(user, [sent.replaces])
        return held


@transaction.atomic
def drop(user: Any, keys: Iterable[UUID]) -> int:
    """Refused ones that the user gave up or corrected: they are not asked about again."""
    mine = Operation.objects.filter(user=user, key__in=list(keys), fate=Fate.REFUSED, dropped_at=None)
    return mine.update(dropped_at=timezone.now())


@transaction.atomic
def decide(clash: Clash, choice: str, *, by: Any, write: Callable[[Clash], None]) -> Clash:
    """One of the two values stands from now on; the other stays here to be read. `write` puts the chosen one in."""
    clash = Clash.objects.select_for_update(of=("self",)).select_related("operation").get(pk=clash.pk)
    if clash.decided_at is not None:
        if clash.chosen == choice:
            return clash
        raise ChangedMeanwhile()
    if choice == Choice.MINE:
        write(clash)
    clash.chosen, clash.decided_at, clash.decided_by = Choice(choice), timezone.now(), by
    clash.save()
    return clash


def _claim(user: Any, sent: Sent) -> tuple[Operation, bool]:
    """The row of this key, and whether it is ours to fill; a rival in flight is waited for."""
    now = timezone.now()
    age = min(max(sent.age_seconds, 0), OLDEST.total_seconds())
    made = Operation(
        user=user,
        key=sent.key,
        device=sent.device,
        number=sent.number,
        kind=sent.kind,
        told=_storable({"fields": sent.fields, "base": sent.base, "target": str(sent.target or "")}),
        digest=sent.digest(),
        made_at=now - timedelta(seconds=age),
        received_at=now,
        replaces=sent.replaces,
    )
    Operation.objects.bulk_create([made], ignore_conflicts=True)
    held = Operation.objects.select_for_update(of=("self",)).get(user=user, key=sent.key)
    return held, held.pk == made.pk


def _storable(told: Any) -> Any:
    """JSON that the database takes: a NUL, which it cannot hold, is shown as what cannot be shown."""
    return json.loads(json.dumps(told, default=str).replace("\\u0000", "\\ufffd"))


def _note(held: Operation, done: Done) -> None:
    held.record_kind, held.record = done.kind, done.id
    held.fate = Fate.CLASH if done.clashes else Fate.APPLIED
    held.answer = {
        "record": {"kind": done.kind, "id": str(done.id), "url": done.url, "values": done.values},
        "clashes": [
            {"field": one.field, "base": one.base, "mine": one.mine, "theirs": one.theirs} for one in done.clashes
        ],
    }
    Clash.objects.bulk_create(
        Clash(
            operation=held,
            record_kind=done.kind,
            record=done.id,
            about=done.about[:250],
            owner=done.owner,
            **{name: getattr(one, name) for name in ("field", "base", "mine", "theirs")},
        )
        for one in done.clashes
    )
    if done.clashes:
        text = format_lazy(
            gettext_lazy("{about} was changed in two places at once; choose what stands."), about=done.about
        )
        notify([held.user, done.owner], text, url=LEDGER, tone="warn")


def _refused(refusal: Refused) -> dict[str, Any]:
    told: dict[str, Any] = {"code": refusal.code, "message": str(refusal)}
    if isinstance(refusal, WrongFields):
        told["errors"] = refusal.errors
    elif refusal.field:
        told["errors"] = {refusal.field: str(refusal)}
    return _storable(told)


class WrongFields(Refused):
    """Some fields need another look; `errors` says which."""

    message = gettext_lazy("Some fields need another look.")
    status = 422

    def __init__(self, errors: dict[str, str], labels: dict[str, Any]) -> None:
        super().__init__()
        self.errors, self.labels = errors, labels

    def __str__(self) -> str:
        told = [f"{self.labels[name]} – {text}" if name in self.labels else text for name, text in self.errors.items()]
        return " ".join(told)
