"""Many rows at once: through the domain's services, a transaction for each chunk, each refusal by its row's name.

Few are done at once; more are a job with progress; very many are several such jobs, `PORTION` rows each, every one
followed, stopped and taken back by itself. More than `ROWS_MAX` are refused before anything changes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from base import context, jobs
from base.listing.asking import Asked
from base.listing.listing import Listing, listing_of
from base.listing.saved import UNDO_DAYS
from base.refusals import BadInput, ChangedMeanwhile, NotAllowed, NotFound, Refused
from base.roles import has_role

CHUNK = 100
AT_ONCE_MAX = 300
PORTION = 20_000
ROWS_MAX = 10 * PORTION


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """Something that may be done with the chosen rows."""

    name: str
    label: Any
    run: Callable[[Any, Any, dict[str, Any]], Any]
    """`run(row, user, told)`: the service, for one row; refuses by raising."""
    roles: tuple[str, ...] = ()
    done: Any = ""
    """What was done, said of one `{row}` by its own page."""
    icon: str = "check"
    tone: str = ""
    """`bad` for what takes something away: it asks for a fresh proof of who one is."""
    step_up: bool = False
    """A page asks for a fresh proof before it does this to one row: so does the action, and taking it back."""
    form: Callable[[Any], type[forms.Form]] | None = None
    """What must be told first: `form(user)` gives the form's class."""
    confirm: Any = ""
    """For what cannot be undone: the consequence, in words."""
    snapshot: Callable[[Any], dict[str, Any]] | None = None
    """What the action changes of a row, as plain values; with `undo` it can be taken back for thirty days."""
    undo: Callable[[Any, Any, dict[str, Any]], Any] | None = None
    """`undo(row, user, before)`: the service that brings `before` back."""

    @property
    def asks_for_proof(self) -> bool:
        """Does it need a recent proof of who one is?"""
        return self.step_up or self.tone == "bad"

    def look(self, row: Any) -> dict[str, Any]:
        """What the action would change of the row."""
        return self.snapshot(row) if self.snapshot else {}


@dataclass
class Outcome:
    """What became of it: how many rows were done, which were refused and why."""

    label: str
    done: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    change: Any = None
    jobs: list[Any] = field(default_factory=list)

    @property
    def job(self) -> Any:
        """What does it, or the first of them; None for what is done already."""
        return next(iter(self.jobs), None)


def actions_for(listing: Listing, user: Any) -> list[BulkAction]:
    """What this user may do with many rows."""
    return [action for action in listing.actions if not action.roles or has_role(user, *action.roles)]


def action_of(listing: Listing, user: Any, name: str) -> BulkAction:
    """The action of this name, if the user may do it."""
    action = next((action for action in listing.actions if action.name == name), None)
    if action is None:
        raise NotFound(what=_("The step"))
    if action not in actions_for(listing, user):
        raise NotAllowed()
    return action


def chosen(asked: Asked, ids: list[str], *, all_matching: bool = False) -> list[Any]:
    """The keys of the ticked rows, or of all that fit: never one that the user may not see or the filters leave out."""
    rows = asked.rows
    if not all_matching:
        pk = asked.listing.model._meta.pk
        assert pk is not None
        rows = rows.filter(pk__in=list(_keys(pk, ids)))
    found = list(rows.order_by(*asked.order).values_list("pk", flat=True)[: ROWS_MAX + 1])
    if len(found) > ROWS_MAX:
        raise BadInput(why=_("At most {count} rows at once; narrow the list first.").format(count=f"{ROWS_MAX:,}"))
    if not found:
        raise BadInput(why=_("Choose at least one row that is still in the list."))
    return found


def _keys(pk: Any, ids: list[str]) -> Iterator[Any]:
    for text in ids[:ROWS_MAX]:
        try:
            yield pk.to_python(text)
        except ValidationError:
            continue


def carry_out(asked: Asked, action: BulkAction, pks: list[Any], told: dict[str, Any], words: str = "") -> Outcome:
    """Do it to all of them: at once, or by jobs with progress when they are many."""
    label = words or str(action.label)
    if len(pks) > AT_ONCE_MAX:
        return Outcome(label, jobs=_jobs(asked, action, pks, told, label))
    return _run(asked.listing, asked.user, action, pks, _cleaned(action, asked.user, told), label)


@transaction.atomic
def _jobs(asked: Asked, action: BulkAction, pks: list[Any], told: dict[str, Any], label: str) -> list[Any]:
    """One for each portion: all of them are begun, or none."""
    parts = portions(len(pks))
    return [
        jobs.start(
            "bulk",
            by=asked.user,
            title=label if parts == 1 else f"{label} ({place + 1}/{parts})",
            url=asked.listing.url,
            total=len(part),
            listing=asked.listing.name,
            action=action.name,
            pks=[str(pk) for pk in part],
            told=told,
            reason=context.reason.get(),
        )
        for place in range(parts)
        if (part := pks[place * PORTION : (place + 1) * PORTION])
    ]


def portions(count: int) -> int:
    """How many jobs so many rows are; none where they are done at once.

    >>> portions(300), portions(301), portions(20_000), portions(20_001)
    (0, 1, 1, 2)
    """
    return -(-count // PORTION) if count > AT_ONCE_MAX else 0


def _cleaned(action: BulkAction, user: Any, told: dict[str, Any]) -> dict[str, Any]:
    """What the form was told, understood; a job understands it anew."""
    if action.form is None:
        return {}
    form = action.form(user)(told)
    if not form.is_valid():
        raise BadInput(why=" ".join(str(error) for errors in form.errors.values() for error in errors))
    return dict(form.cleaned_data)


def _run(
    listing: Listing,
    user: Any,
    action: BulkAction,
    pks: list[Any],
    told: dict[str, Any],
    label: str,
    *,
    key: UUID | None = None,
    progress: Callable[[int], None] | None = None,
) -> Outcome:
    change = _remembered(listing, user, action, label, key)
    known = {row["pk"] for row in change.rows}
    outcome = Outcome(label, done=len(known), change=change)
    left = [pk for pk in pks if str(pk) not in known]
    for start in range(0, len(left), CHUNK):
        part = left[start : start + CHUNK]
        try:
            done, refused = _chunk(listing, user, action, part, told, change)
        except DatabaseError:
            # Something the database checks only at the end; row by row it is told whose fault it is.
            done, refused = 0, []
            for pk in part:
                try:
                    found = _chunk(listing, user, action, [pk], told, change)
                except DatabaseError:
                    found = (0, [(_name(listing, pk), _("This contradicts what is already recorded."))])
                done, refused = done + found[0], [*refused, *found[1]]
        outcome.done += done
        outcome.refused += refused
        if progress is not None:
            progress(min(start + CHUNK, len(left)) + len(known))
    if not change.rows:
        change.delete()
        outcome.change = None
    elif action.undo is None:
        outcome.change = None
    return outcome


def _chunk(
    listing: Listing, user: Any, action: BulkAction, pks: list[Any], told: dict[str, Any], change: Any
) -> tuple[int, list[tuple[str, str]]]:
    """One transaction: rows that are refused are left as they were, the others are done together."""
    refused: list[tuple[str, str]] = []
    records: list[dict[str, Any]] = []
    with transaction.atomic():
        rows = {row.pk: row for row in listing.rows(user).filter(pk__in=pks)}
        for row in (rows[pk] for pk in pks if pk in rows):
            name, before = _words(listing, row), action.look(row)
            try:
                with transaction.atomic():
                    action.run(row, user, told)
            except Refused as refusal:
                refused.append((name, str(refusal)))
                continue
            after = action.look(_fresh(row)) if action.undo else {}
            records.append({"pk": str(row.pk), "name": name, "before": before, "after": after})
        refused += [(str(pk), _("It is no longer there.")) for pk in pks if pk not in rows]
        if records:
            change.rows = [*change.rows, *records]
            change.save(update_fields=["rows"])
    return len(records), refused


@contextmanager
def remembering(listing: Listing, user: Any, name: str, row: Any) -> Iterator[Outcome]:
    """What a page of its own does to one row by the service behind an action: it can be taken back as if done in the
    list. The outcome's `change` is there afterwards, unless nothing the action speaks of was changed. What was there
    before is read anew: a form has already written on the row it was given."""
    action = action_of(listing, user, name)
    stored = _fresh(row)
    words, before = _words(listing, stored), action.look(stored)
    outcome = Outcome(str(action.done).format(row=words) or f"{action.label} {words}")
    with transaction.atomic():
        yield outcome
        after = action.look(_fresh(row))
        if after != before:
            outcome.done = 1
            outcome.change = _remembered(listing, user, action, outcome.label, None)
            outcome.change.rows = [{"pk": str(row.pk), "name": words, "before": before, "after": after}]
            outcome.change.save(update_fields=["rows"])


def undo(user: Any, pk: UUID, prove: Callable[[], None]) -> tuple[Outcome, Listing]:
    """Take a change of many rows back, but for rows that somebody changed since; `prove` refuses without a proof."""
    model = _model()
    with transaction.atomic():
        change = model.objects.select_for_update().filter(pk=pk).first()
        if change is None or (change.owner_id != user.pk and not has_role(user, "admin")):
            raise NotFound(what=_("The change"))
        listing = listing_of(change.listing)
        action = action_of(listing, user, change.action)
        if action.undo is None or not change.can_be_undone:
            raise BadInput(why=_("This cannot be taken back any more."))
        if action.step_up:
            prove()
        change.undone_at = timezone.now()
        change.save(update_fields=["undone_at"])
        outcome = Outcome(_("Taken back: {label}").format(label=change.label))
        for record in change.rows:
            # Rows that this very change took out of the user's sight too: a mistake can be taken back.
            row = listing.model._default_manager.filter(pk=record["pk"]).first()
            if row is None:
                outcome.refused.append((record["name"], _("It is no longer there.")))
                continue
            try:
                with transaction.atomic():
                    if action.look(row) != record["after"]:
                        raise ChangedMeanwhile()
                    action.undo(row, user, record["before"])
                outcome.done += 1
            except Refused as refusal:
                outcome.refused.append((record["name"], str(refusal)))
    return outcome, listing


@jobs.kind("bulk", _("Change of many rows"), icon="list-check")
def work(job: Any) -> None:
    """The same as a job; taken up again, it goes on after the rows that are done."""
    told = job.params
    listing = listing_of(told["listing"])
    if not listing.may_see(job.owner):
        raise NotAllowed()
    action = action_of(listing, job.owner, told["action"])
    pk = listing.model._meta.pk
    assert pk is not None
    pks = [pk.to_python(text) for text in told["pks"]]
    cleaned = _cleaned(action, job.owner, told["told"])
    with context.because(told.get("reason", "")):
        outcome = _run(listing, job.owner, action, pks, cleaned, job.title, key=job.pk, progress=job.progress)
    says = _("{done} done, {refused} refused.").format(done=outcome.done, refused=len(outcome.refused))
    job.say(" ".join([says, *(f"{name}: {why}" for name, why in outcome.refused[:5])]))


def _model() -> Any:
    return apps.get_model("access", "BulkChange")


def _remembered(listing: Listing, user: Any, action: BulkAction, label: str, key: UUID | None) -> Any:
    """Where the change is written down; what is older than can be undone is forgotten."""
    model = _model()
    model.objects.filter(owner=user, at__lt=timezone.now() - timedelta(days=UNDO_DAYS)).delete()
    told = {"owner": user, "listing": listing.name, "action": action.name, "label": label[:200]}
    if key is None:
        return model.objects.create(**told)
    return model.objects.get_or_create(pk=key, defaults=told)[0]


def _fresh(row: Any) -> Any:
    return type(row)._default_manager.get(pk=row.pk)


def _words(listing: Listing, row: Any) -> str:
    return str(listing.columns[0].value_of(row) or row)


def _name(listing: Listing, pk: Any) -> str:
    row = listing.model._default_manager.filter(pk=pk).first()
    return _words(listing, row) if row is not None else str(pk)
