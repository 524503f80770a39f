"""Two accounts, or two contacts of one, become one; and become two again within thirty days.

What refers to them follows: each domain says here, when its app is ready, which of its tables do. The plan that is
shown is the plan that is done, or nothing is.

When what is merged is a customer of the ERP, the ERP is told, last of all: its party hangs on that account's own id and
keeps its documents, and is linked to the party of what stays. So what stays is a customer from then on, too, and
remains one after a split: an order in the ERP has an account behind it here at any time.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.utils import bulk_update_with_history

from base.refusals import BadInput, ChangedMeanwhile, NotFound, Refused
from crm.accounts import custom_values, services, tag_words
from crm.accounts.models import Account, Contact, Merge, MergeKind
from integration.contracts.customers import CustomerMerged, CustomerSplit
from integration.outbox.emitting import emit

Record = TypeVar("Record", Account, Contact)
ACCOUNT_FIELDS = (*services.MASTER_FIELDS, *services.OWN_FIELDS)
FIELDS: dict[type[models.Model], tuple[str, ...]] = {Account: ACCOUNT_FIELDS, Contact: services.OF_CONTACTS}


class NotOfOneAccount(Refused):
    """People of two companies."""

    message = _("{winner} and {loser} belong to different accounts; merge the accounts first.")
    field = "other"


class TooLate(Refused):
    """What has grown together for long stays so."""

    message = _("{name} was merged more than thirty days ago; it cannot be split any more.")


class SplitAlready(Refused):
    """Once is enough."""

    message = _("{name} was split again already.")


class WinnerGone(Refused):
    """It has become a part of something else itself."""

    message = _("What {name} was merged into is merged itself or gone; split that first.")


@dataclass(frozen=True)
class Follower:
    """Rows of `model` whose `field` names an account or contact; `before` settles what could not stand side by side."""

    model: type[models.Model]
    field: str
    before: Callable[[UUID, UUID], None] | None = None

    @property
    def key(self) -> str:
        return f"{self.model._meta.label}.{self.field}"

    @property
    def of(self) -> type[models.Model]:
        target: Any = self.model._meta.get_field(self.field).related_model
        return target

    def rows(self, pk: UUID) -> models.QuerySet[Any]:
        """What hangs on this record."""
        return self.model._base_manager.filter(**{self.field: pk})


_followers: list[Follower] = []


def follows(model: type[models.Model], field: str, before: Callable[[UUID, UUID], None] | None = None) -> None:
    """This table's rows go along; called once per foreign key, when its app is ready."""
    _followers.append(Follower(model, field, before))


def followers(of: type[models.Model]) -> list[Follower]:
    """Who goes along with such a record."""
    return [one for one in _followers if one.of is of]


@dataclass(frozen=True)
class FieldPlan:
    """One field: what each says, and what it will be."""

    name: str
    label: Any
    winner: Any
    loser: Any
    taken: bool
    of: str = ""
    both: Any = None
    """What both sides have together, for tags and custom fields."""

    @property
    def result(self) -> Any:
        if self.both is not None:
            return self.both
        return self.loser if self.taken else self.winner

    def said(self, value: Any) -> str:
        """One side's words, for people."""
        if isinstance(value, dict):
            return custom_values.rules_of(self.of).told(value)
        return ", ".join(value)

    @property
    def words(self) -> tuple[str, str, str]:
        """Of what stays of both sides: this one's, the other's, and those of the result."""
        return self.said(self.winner), self.said(self.loser), self.said(self.both)

    @property
    def differs(self) -> bool:
        """Both say something, and not the same: somebody may choose; words of both sides stay anyway."""
        return self.both is None and bool(self.winner) and bool(self.loser) and self.winner != self.loser


@dataclass(frozen=True)
class Plan:
    """What a merge will do; `mark` changes whenever it would do something else."""

    winner: Any
    loser: Any
    fields: list[FieldPlan]
    rows: dict[str, list[str]] = field(default_factory=dict)

    @property
    def counts(self) -> list[tuple[Any, int]]:
        """What follows, in people's words."""
        named = {one.key: one.model._meta.verbose_name_plural for one in followers(type(self.loser))}
        return [(named[key], len(pks)) for key, pks in self.rows.items() if pks]

    @property
    def mark(self) -> str:
        told = [(one.name, str(one.winner), str(one.loser), one.taken) for one in self.fields]
        rows = [(key, sorted(pks)) for key, pks in sorted(self.rows.items())]
        return hashlib.sha256(repr((self.winner.pk, self.loser.pk, told, rows)).encode()).hexdigest()[:32]


def plan(winner: Record, loser: Record, *, by: Any, take: Collection[str] = ()) -> Plan:
    """What would become of them: empty fields are filled, those in `take` are the loser's; a refusal says why not."""
    _refuse(winner, loser, by)
    names = FIELDS[type(winner)]
    if unknown := set(take) - set(names):
        raise BadInput(why=_("“{name}” is no field to choose.").format(name=min(unknown)), field="take")
    fields = []
    for name in names:
        ours, theirs = getattr(winner, name), getattr(loser, name)
        if name in _JOINED:
            both = _JOINED[name](ours, theirs)
            label = winner._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            fields.append(FieldPlan(name, label, ours, theirs, both != ours, str(winner._meta.model_name), both))
            continue
        taken = bool(theirs) and ours != theirs and (not ours or name in take)
        fields.append(FieldPlan(name, winner._meta.get_field(name).verbose_name, ours, theirs, taken))  # type: ignore[union-attr]
    rows = {one.key: [str(pk) for pk in one.rows(loser.pk).order_by("pk").values_list("pk", flat=True)]
            for one in followers(type(loser))}  # fmt: skip
    return Plan(winner, loser, fields, rows)


@transaction.atomic
def merge(winner: Record, loser: Record, *, by: Any, take: Collection[str] = (), mark: str = "") -> Merge:
    """Make one of two. With `mark`, only if it is still what was shown."""
    first, second = _locked_pair(winner, loser)
    plan_now = plan(first, second, by=by, take=take)
    if mark and mark != plan_now.mark:
        raise ChangedMeanwhile()
    made = Merge.objects.create(
        kind=MergeKind.ACCOUNT if isinstance(first, Account) else MergeKind.CONTACT,
        winner=first.pk,
        loser=second.pk,
        loser_name=second.name,
        snapshot=_snapshot(second),
        taken={one.name: [_key(one.winner), _key(one.result)] for one in plan_now.fields if one.taken},
        rows=plan_now.rows,
        merged_by=by,
    )
    for one in followers(type(second)):
        if one.before:
            one.before(first.pk, second.pk)
        _move(one, one.rows(second.pk), first)
    second.delete()
    changed = [told for told in plan_now.fields if told.taken]
    for told in changed:
        setattr(first, told.name, told.result)
    _keep(first, [told.name for told in changed], people=bool(plan_now.rows.get("accounts.Contact.account")))
    if isinstance(first, Account) and _known_there(second):
        first = services.register(first)
        emit(CustomerMerged(customer=first.pk, merged=made.loser, snapshot=services.snapshot(first)))
    return made


@transaction.atomic
def split(made: Merge, *, by: Any) -> Account | Contact:
    """Make two again: the loser comes back as it was, with the rows that came with it and are still there."""
    made = Merge.objects.select_for_update(of=("self",)).get(pk=made.pk)
    if made.split_at is not None:
        raise SplitAlready(name=made.loser_name)
    if not made.may_be_split:
        raise TooLate(name=made.loser_name)
    model: Any = Account if made.kind == MergeKind.ACCOUNT else Contact
    winner = model.objects.select_for_update(of=("self",)).filter(pk=made.winner).first()
    if winner is None:
        raise WinnerGone(name=made.loser_name)
    _refuse_undecided(winner, by)
    returned = [name for name, (_before, after) in made.taken.items() if _key(getattr(winner, name)) == after]
    for name in returned:
        setattr(winner, _attname(model, name), made.taken[name][0])
    if "tags" in made.taken and "tags" not in returned:
        returned.append("tags")
        winner.tags = _without_losers(winner.tags, *made.taken["tags"])
    made.split_at, made.split_by = timezone.now(), by
    made.save(update_fields=["split_at", "split_by"])
    _save(winner, returned)  # what it took may be there only once
    loser = _restored(model, made)
    for one in followers(model):
        _move(one, one.rows(winner.pk).filter(pk__in=made.rows.get(one.key, [])), loser)
    _tell(winner, returned, people=bool(made.rows.get("accounts.Contact.account")))
    if isinstance(loser, Account) and _known_there(loser):
        facts = {"split": loser.pk, "along": merged_into(loser.pk), "snapshot": services.snapshot(winner)}
        emit(CustomerSplit(customer=winner.pk, **facts))
    return loser


def likely(record: Any, user: Any) -> list[Any]:
    """What looks like it among what the user may change: the same core of the name, phone or mail."""
    same = models.Q(name_match=record.name_match) & ~models.Q(name_match="")
    same |= models.Q(phone_match=record.phone_match) & ~models.Q(phone_match="")
    same |= models.Q(email__iexact=record.email) & ~models.Q(email="")
    return list(candidates(record, user).filter(same).order_by("name", "pk")[:12])


def candidates(record: Any, user: Any) -> Any:
    """With what it may be merged at all."""
    if isinstance(record, Contact):
        return Contact.objects.visible_to(user).filter(account=record.account_id).exclude(pk=record.pk)
    return Account.objects.visible_to(user).held_by(user).exclude(pk=record.pk)


def merged_into(account: UUID) -> tuple[UUID, ...]:
    """The customers of the ERP that are a part of this account, those of its parts among them."""
    found: list[UUID] = []
    above = [account]
    while above:
        parts = list(Merge.objects.standing().filter(kind=MergeKind.ACCOUNT, winner__in=above).order_by("pk"))
        above = [one.loser for one in parts]
        found += [one.loser for one in parts if _known_there(_as_it_was(Account, one))]
    return tuple(found)


def may_decide(record: Any, user: Any) -> bool:
    """May they say that it is one with another? Of an account who decides over it, of a contact who may change it."""
    if isinstance(record, Account):
        return record.held_by(user)
    return bool(record.account.writable_by(user))


def account_of(record: Any) -> Account:
    """The account itself, or the one a contact works for."""
    account: Account = record if isinstance(record, Account) else record.account
    return account


# ---- below: parts of the verbs ---------------------------------------------------------------------------------------


def _refuse(winner: Any, loser: Any, by: Any) -> None:
    if winner.pk == loser.pk:
        raise BadInput(why=_("These are one and the same."), field="other")
    for one in (winner, loser):
        _refuse_undecided(one, by)
    if isinstance(winner, Contact) and winner.account_id != loser.account_id:
        raise NotOfOneAccount(winner=winner.name, loser=loser.name)


def _refuse_undecided(record: Any, by: Any) -> None:
    if not may_decide(record, by):
        raise services.AccountOfAnother(account=account_of(record).name)


def _locked_pair(winner: Record, loser: Record) -> tuple[Record, Record]:
    """Both, locked in the order of their keys; whichever is gone is not found. A contact's account comes first."""
    model: Any = type(winner)
    if isinstance(winner, Contact):
        accounts = Account.objects.filter(pk__in=[winner.account_id, loser.account_id])
        list(accounts.order_by("pk").select_for_update().values_list("pk"))
    locked = model.objects.filter(pk__in=[winner.pk, loser.pk]).order_by("pk").select_for_update(of=("self",))
    found = {one.pk: one for one in locked}
    for one in (winner, loser):
        if one.pk not in found:
            raise NotFound(what=one.name)
    return found[winner.pk], found[loser.pk]


def _move(one: Follower, rows: models.QuerySet[Any], to: Any) -> None:
    """Each row with a line in its history, where it has one."""
    if not hasattr(one.model, "history"):
        rows.update(**{one.field: to})
        return
    found = list(rows)
    for row in found:
        setattr(row, one.field, to)
    bulk_update_with_history(found, one.model, [one.field], batch_size=500, manager=one.model._base_manager)


def _snapshot(record: Any) -> dict[str, Any]:
    """All that the row itself holds, each value as its field writes it, to the last digit."""
    return {
        one.attname: None if getattr(record, one.attname) is None else one.value_to_string(record)
        for one in record._meta.concrete_fields
        if not one.generated
    }


def _as_it_was(model: Any, made: Merge) -> Any:
    fields = [one for one in model._meta.concrete_fields if one.attname in made.snapshot]
    return model(**{one.attname: one.to_python(made.snapshot[one.attname]) for one in fields})


def _restored(model: Any, made: Merge) -> Any:
    loser = _as_it_was(model, made)
    created_at = loser.created_at
    if isinstance(loser, Account):
        owners: Any = model._meta.get_field("owner").related_model
        if loser.owner_id and not owners.objects.filter(pk=loser.owner_id).exists():
            loser.owner = None
        services.refuse_taken(loser)
        loser.tags = tag_words.once(tag_words.spelt(loser.tags), loser.tags)
    loser.custom = custom_values.rules_of(str(model._meta.model_name)).fitting(loser.custom or {})
    loser.save(force_insert=True)
    model.objects.filter(pk=loser.pk).update(created_at=created_at)
    return loser


# Both sides' words stay, so nothing is lost; a custom field that the one leaves empty is filled by the other.
_JOINED: dict[str, Callable[[Any, Any], Any]] = {
    "tags": lambda ours, theirs: list(dict.fromkeys([*ours, *theirs])),
    "custom": lambda ours, theirs: {**theirs, **ours},
}


def _without_losers(now: Sequence[str], before: Sequence[str], after: Sequence[str]) -> list[str]:
    """What the winner bears without that which only the loser brought."""
    brought = set(after) - set(before)
    return [word for word in now if word not in brought]


def _known_there(account: Account) -> bool:
    """It is a customer in the ERP, or will be when the ERP reads what it was sent."""
    return account.registered or bool(account.party_code)


def _keep(record: Any, changed: Sequence[str], *, people: bool) -> None:
    """Save what became of the winner, and tell the ERP of a customer it knows."""
    _save(record, changed)
    _tell(record, changed, people=people)


def _save(record: Any, changed: Sequence[str]) -> None:
    if "tags" in changed:
        record.tags = tag_words.once(tag_words.spelt(record.tags), record.tags)
    if "custom" in changed:
        record.custom = custom_values.rules_of(str(record._meta.model_name)).fitting(record.custom)
    if isinstance(record, Contact):
        if changed:
            services.tidy_contact(record)
            record.save()
        return
    if changed:
        services.tidy(record)
    record.version += 1
    record.save()


def _tell(record: Any, changed: Sequence[str], *, people: bool) -> None:
    if isinstance(record, Contact):
        services.tell(record.account, ["people"])
        return
    services.tell(record, [name for name in changed if name in services.MASTER_FIELDS] + ["people"] * people)


def _key(value: Any) -> Any:
    """As it is kept: a person by key."""
    return value.pk if isinstance(value, models.Model) else value


def _attname(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).attname)
