"""The verbs of the public pool: give an account back, claim one, and put back what nobody touches.

The database counts the claims and keeps the stays (`sql/pool.sql`); here is what people are told.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from base import context
from base.refusals import BadInput, NotFound, Refused
from base.roles import require
from crm.access.people import name_of
from crm.accounts import services
from crm.accounts.models import READERS, Account, PoolAccount, PoolPolicy, PoolStay
from crm.accounts.models_pool import CameBy, WentBy, Why
from crm.accounts.services import OwnedAlready

TOLD_FOR = timedelta(days=1)  # so long who came too late for a claim is told who has it


class ClaimsSpent(Refused):
    """One person does not empty the pool."""

    message = _("You have claimed {count} accounts within {days} days; the next one is possible from {day}.")


class GivenUpLately(Refused):
    """Who let it go lets others try first."""

    message = _("You had {account} last; you can claim it again from {day}.")


class LiesInPool(Refused):
    """It is nobody's already."""

    message = _("{account} is nobody's already.")


class StillBusy(Refused):
    """Something is going on that somebody must answer for."""

    message = _("{account} has open business ({what}); hand it over to a colleague, or finish it first.")


Protector = Callable[[Any], Q]
_protectors: list[tuple[Any, Protector]] = []
_touches: list[Callable[[datetime], Q]] = []


def protects(what: Any, rows: Callable[[], QuerySet[Any]]) -> None:
    """Accounts with such rows (each with an `account`) stay where they are; `what` names them for people."""
    _protectors.append((what, lambda key: Q(Exists(rows().filter(account=key)))))


def touches(model: type[Model], moment: str) -> None:
    """Rows of this model, by their field `moment`, say that somebody worked on their account."""
    rows = model._base_manager.filter(account=OuterRef("pk"))
    _touches.append(lambda since: Q(Exists(rows.filter(**{f"{moment}__gt": since}))))


def busy() -> Q:
    """Accounts with open business."""
    found = Q(pk__in=[])
    for _what, rows in _protectors:
        found |= rows(OuterRef("pk"))
    return found


def touched(since: datetime) -> Q:
    """Accounts that somebody worked on, or that the ERP spoke of, since then."""
    found = Q(updated_at__gt=since)
    for rows in _touches:
        found |= rows(since)
    return found


@transaction.atomic
def give_back(account: Account, why: str, *, by: Any, note: str = "") -> Account:
    """Nobody's from now on; whoever had it waits before they may claim it again."""
    note = " ".join(note.split())[:250]
    if why not in Why.values:
        raise BadInput(why=_("Why is it given back? Choose one."), field="why")
    if why == Why.OTHER and not note:
        raise BadInput(why=_("Say in a few words why."), field="note")
    account = _locked(account.pk)
    services.refuse_unheld(account, by)
    if account.owner_id is None:
        raise LiesInPool(account=account.name)
    for what, rows in _protectors:
        if Account.objects.filter(rows(account.pk), pk=account.pk).exists():
            raise StillBusy(account=account.name, what=what)
    return _let_go(account, CameBy.GIVEN_BACK, why=why, note=note)


@transaction.atomic
def fall_back(account: Account) -> Account:
    """The clock's way to give it back; `crm.accounts.idle` says when."""
    return _let_go(account, CameBy.FELL_BACK)


@transaction.atomic
def claim(pk: UUID, by: Any) -> Account:
    """Somebody takes an account that nobody owns; of several at once one gets it, the others hear who that is."""
    require(by, *READERS)
    account = _claimable(pk, by)
    if account.owner_id == by.pk:
        return account
    if account.owner_id is not None:
        raise _owned(account)
    stay, _new = PoolStay.objects.get_or_create(
        account=account, until=None, defaults={"came_by": CameBy.NEW, "since": account.created_at}
    )
    try:
        with transaction.atomic():
            PoolStay.objects.filter(pk=stay.pk).update(until=timezone.now(), went_by=WentBy.CLAIMED, taken_by=by)
    except DatabaseError as error:
        raise _refusal(str(getattr(error.__cause__, "sqlstate", "")), account, by) or error from None
    with context.because(str(_("claimed from the pool"))):
        return services.update_account(account, owner=by)


def end_by_merge(_winner: UUID, loser: UUID) -> None:
    """What becomes a part of another account lies in the pool no more."""
    PoolStay.objects.open().filter(account=loser).update(until=timezone.now(), went_by=WentBy.MERGED)


def refuse_if_taken(pk: UUID) -> None:
    """Who looks for what was in the pool until a moment ago hears who has it."""
    if _just_taken(pk):
        held = Account.objects.select_related("owner").filter(pk=pk, owner__isnull=False).first()
        if held is not None:
            raise _owned(held)


# ---- below: parts of the verbs ---------------------------------------------------------------------------------------


def _locked(pk: UUID) -> Account:
    """The owner is read afterwards: joined to a row that was waited for, it would be the one of before."""
    held: Account = Account.objects.select_for_update(of=("self",)).get(pk=pk)
    return held


def _let_go(account: Account, came_by: str, *, why: str = "", note: str = "") -> Account:
    stay = PoolStay.objects.create(account=account, came_by=came_by, why=why, note=note, left_by=account.owner)
    with context.because(stay.reason):
        return services.update_account(account, owner=None)


def _claimable(pk: UUID, by: Any) -> Account:
    """Locked: what lies in the pool or may be seen anyway, and what somebody else has just taken from the pool."""
    seen = Account.objects.visible_to(by).filter(pk=pk) or PoolAccount.objects.visible_to(by).filter(pk=pk)
    if not seen and not _just_taken(pk):
        raise NotFound(what=_("The account"))
    return _locked(pk)


def _just_taken(pk: UUID) -> bool:
    ended = PoolStay.objects.filter(account=pk, until__gt=timezone.now() - TOLD_FOR)
    return ended.exclude(went_by=WentBy.MERGED).exists()


def _owned(account: Account) -> OwnedAlready:
    return OwnedAlready(account=account.name, owner=name_of(account.owner))


def _refusal(state: str, account: Account, by: Any) -> Refused | None:
    """What the database refused, in words that say when it is possible."""
    policy, now = PoolPolicy.current(), timezone.now()
    if state == "HM098":
        window = timedelta(days=policy.claims_days)
        claims = PoolStay.objects.claimed_by(by, now - window).order_by("-until")
        free = claims.values_list("until", flat=True)[(policy.claims_most or 1) - 1 :][:1]
        return ClaimsSpent(count=claims.count(), days=policy.claims_days, day=day_of((*free, now)[0] + window))
    if state == "HM099":
        last = PoolStay.objects.filter(account=account, left_by=by).order_by("-since").values_list("since", flat=True)
        return GivenUpLately(account=account.name, day=day_of(last[0] + timedelta(days=policy.back_days)))
    return None


# The day something becomes possible or falls due, in the language of whoever reads the sentence around it.
day_of = lazy(lambda moment: date_format(timezone.localtime(moment), "DATE_FORMAT"), str)
