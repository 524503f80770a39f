"""The verbs of the timeline."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.utils import bulk_update_with_history

from base import context
from base.bulk import insert_many
from base.ids import uuid7
from base.refusals import BadInput, Refused
from crm.accounts import services as accounts
from crm.accounts.models import Account, Contact
from crm.activities import pictures
from crm.activities.models import WRITTEN_KINDS, Entry, Outcome, Photo, Recording

MOST_PHOTOS = 10


class NoSuchPerson(Refused):
    """The contact works for somebody else."""

    message = _("{contact} does not belong to {account}.")
    status = 422
    field = "contact"


@transaction.atomic
def note(account: Account | None, text: str, *, by: Any, **about: Any) -> Entry:
    """Write something down."""
    if not text.strip():
        raise BadInput(why=_("Write a word or two."), field="text")
    return _write("note", account, by, text=text, **about)


@transaction.atomic
def log_call(account: Account | None, outcome: str, *, by: Any, text: str = "", **about: Any) -> Entry:
    """A call was made or came in; the outcome is all we insist on."""
    return _write("call", account, by, text=text, outcome=_known(outcome), **about)


@transaction.atomic
def log_visit(account: Account | None, outcome: str, *, by: Any, text: str = "", **about: Any) -> Entry:
    """Somebody was there; the outcome is all we insist on."""
    return _write("visit", account, by, text=text, outcome=_known(outcome), **about)


@transaction.atomic
def log_meeting(account: Account | None, outcome: str, *, by: Any, text: str = "", **about: Any) -> Entry:
    """People sat together; the outcome is all we insist on."""
    return _write("meeting", account, by, text=text, outcome=_known(outcome), **about)


@transaction.atomic
def plan_task(account: Account | None, what: str, on: date | None, *, by: Any, text: str = "", **about: Any) -> Entry:
    """Something to be done by a day: it comes to its author's Today then, until it is ticked off."""
    if not what.strip():
        raise BadInput(why=_("What is to be done?"), field="next_step")
    return _write("task", account, by, text=text, next_step=what, next_step_on=on, **about)


@transaction.atomic
def add_photo(entry: Entry, data: bytes, *, by: Any, keep_place: bool = False, id: UUID | None = None) -> Photo:
    """A photo for one's own entry; where it was taken is kept only if that is wanted. The same `id` is one photo."""
    entry = Entry.objects.select_for_update().get(pk=entry.pk)
    if entry.author_id != by.pk:
        raise EntryStays()
    if id is not None and (known := Photo.objects.filter(pk=id, entry=entry).first()):
        return known
    if entry.photos.count() >= MOST_PHOTOS:
        raise BadInput(why=_("An entry has at most {most} photos.").format(most=MOST_PHOTOS), field="photo")
    picture = pictures.read(data)
    latitude, longitude = picture.place if picture.place and keep_place else (None, None)
    photo = Photo(
        **({"id": id} if id else {}),
        entry=entry,
        width=picture.width,
        height=picture.height,
        size=len(picture.data),
        latitude=latitude,
        longitude=longitude,
    )
    keep_file(photo.path, picture.data)
    photo.save(force_insert=True)
    return photo


def keep_file(path: Path, data: bytes) -> None:
    """Whole or not at all, and for this process's user alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{uuid7()}")
    draft.write_bytes(data)
    draft.replace(path)


class EntryStays(Refused):
    """Facts and other people's words are nobody's to take away."""

    message = _("This entry stays: it is a fact, or somebody else wrote it.")
    status = 403


@transaction.atomic
def remove_entry(entry: Entry, by: Any) -> None:
    """Take back what one wrote by mistake; the history keeps it."""
    entry = Entry.objects.select_for_update().get(pk=entry.pk)
    if entry.is_fact or entry.author_id != by.pk:
        raise EntryStays()
    kept: list[Photo | Recording] = [*entry.photos.all(), *entry.recordings.all()]
    paths = [path for one in kept for path in one.paths]
    entry.delete()
    for path in paths:
        transaction.on_commit(partial(path.unlink, missing_ok=True))


@transaction.atomic
def forget_ticket(ticket: UUID) -> None:
    """The timeline says nothing any more of a ticket that was opened by mistake."""
    Entry.objects.filter(ticket=ticket, kind__startswith="ticket_").delete()


@transaction.atomic
def finish_step(entry: Entry) -> Entry:
    """The next step agreed in this entry is done (a second time changes nothing)."""
    entry = Entry.objects.select_for_update().get(pk=entry.pk)
    if entry.next_step_on and entry.next_step_done_at is None:
        entry.next_step_done_at = timezone.now()
        entry.save(update_fields=["next_step_done_at", "updated_at"])
    return entry


@transaction.atomic
def record_fact(
    account: Account | None,
    kind: str,
    text: str,
    facts: dict[str, Any],
    occurred_at: datetime,
    event_id: UUID | None = None,
    deal: UUID | None = None,
    ticket: UUID | None = None,
    lead: UUID | None = None,
    as_of: datetime | None = None,
) -> Entry:
    """A fact for the timeline, never edited; the same event twice is one entry.

    `kind` is one of `crm.activities.kinds`; `facts` are strings that its sentence and link use; `text` is shown where
    the kind has no sentence of its own. `as_of` is when the teller said so: the event's time, else `occurred_at`.
    """
    if event_id is not None and (known := Entry.objects.filter(event_id=event_id).first()):
        return known
    entry = Entry(
        account=account,
        kind=kind,
        text=text,
        facts=facts,
        occurred_at=occurred_at,
        as_of=as_of or occurred_at,
        event_id=event_id,
        deal=deal,
        ticket=ticket,
        lead=lead,
    )
    entry.save(force_insert=True)
    return entry


@transaction.atomic
def record_facts(facts: Sequence[dict[str, Any]]) -> None:
    """Many facts in one statement, each as `record_fact` takes it."""
    insert_many([Entry(**{"text": "", "facts": {}, "as_of": fact["occurred_at"], **fact}) for fact in facts])


@transaction.atomic
def hand_over(lead: UUID, account: Account, contact: Contact | None, deal: UUID | None) -> int:
    """A lead has become an account: all that was said with it stands on the account's and the deal's timeline too."""
    entries = list(Entry.objects.select_for_update().filter(lead=lead))
    for entry in entries:
        entry.account, entry.deal = account, entry.deal or deal
        entry.contact = entry.contact or (contact if entry.kind in WRITTEN_KINDS else None)
        entry.updated_at = timezone.now()
    bulk_update_with_history(
        entries, Entry, ["account", "deal", "contact", "updated_at"], default_change_reason=context.reason.get()
    )
    return len(entries)


@transaction.atomic
def forget_deal(deal: UUID) -> None:
    """The timeline says nothing any more of a deal that was made by mistake."""
    Entry.objects.filter(deal=deal, kind__startswith="deal_").delete()


@transaction.atomic
def forget_lead(lead: UUID) -> None:
    """The timeline says nothing any more of a lead that was made by mistake."""
    Entry.objects.filter(lead=lead, account=None, kind__startswith="lead_").delete()


@transaction.atomic
def hear_party_opened(customer: UUID, *, event_id: UUID, as_of: datetime, **told: Any) -> None:
    """The customer has a code in the books: keep it, and say so on the timeline."""
    if account := accounts.hear_party(customer, as_of=as_of, **told):
        record_fact(account, "erp_party_opened", "", _party_facts(told), as_of, event_id)


@transaction.atomic
def hear_party_classed(customer: UUID, *, event_id: UUID, as_of: datetime, **told: Any) -> None:
    """Terms or class changed in the books."""
    if account := accounts.hear_party(customer, as_of=as_of, **told):
        record_fact(account, "erp_party_classed", "", _party_facts(told), as_of, event_id)


@transaction.atomic
def hear_credit_banded(customer: UUID, *, band: str, event_id: UUID, as_of: datetime) -> None:
    """The books trust the customer more or less than before."""
    if account := accounts.hear_credit(customer, band=band, as_of=as_of):
        record_fact(account, "erp_credit_banded", "", {"band": band}, as_of, event_id)


def _party_facts(told: dict[str, Any]) -> dict[str, str]:
    return {"party": told["party"], "days": str(told["payment_terms_days"])}


def _known(outcome: str) -> str:
    if outcome not in Outcome.values:
        raise BadInput(why=_("How did it go? Choose one."), field="outcome")
    return outcome


def _write(
    kind: str,
    account: Account | None,
    by: Any,
    *,
    text: str = "",
    outcome: str = "",
    contact: Contact | None = None,
    deal: UUID | None = None,
    ticket: UUID | None = None,
    lead: UUID | None = None,
    next_step: str = "",
    next_step_on: date | None = None,
    occurred_at: datetime | None = None,
    id: UUID | None = None,
) -> Entry:
    """One entry by a person; `id` is chosen by the form or device, and the same id again is the same entry."""
    if id is not None and (known := Entry.objects.filter(pk=id, author=by).first()):
        return known
    if contact is not None and (account is None or contact.account_id != account.pk):
        raise NoSuchPerson(contact=contact.name, account=account.name if account else "–")
    if next_step and next_step_on is None:
        raise BadInput(why=_("When is the next step?"), field="next_step_on")
    entry = Entry(
        **({"id": id} if id else {}),
        account=account,
        contact=contact,
        kind=kind,
        text=text.strip(),
        outcome=outcome,
        deal=deal,
        ticket=ticket,
        lead=lead,
        next_step=next_step.strip(),
        next_step_on=next_step_on,
        occurred_at=occurred_at or timezone.now(),
        author=by,
    )
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError:
        if id is not None and (known := Entry.objects.filter(pk=id, author=by).first()):
            return known
        raise
    return entry
