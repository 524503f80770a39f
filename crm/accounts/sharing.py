"""The verbs of shares: let a colleague or a team see an account for some time, or change it too, and end that.

A share is for the account and what goes with it; whose it is, who else sees it and whether it is one with another is
decided by whoever would decide without any share.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from base.days import house_day, written
from base.notices import notify
from base.refusals import BadInput, Refused
from base.roles import has_role
from crm.access.models import Team, TeamMember
from crm.access.people import name_of
from crm.accounts import services, ways
from crm.accounts.models import READERS, Account, AccountShare, ShareLevel
from crm.accounts.models_shares import LONGEST
from crm.accounts.ways import SEE_ALL, Hold

ONE_OF_THEM = _("Choose a person or a team, one of them.")


class NobodysAnyway(Refused):
    """What nobody owns is no one's secret."""

    message = _("{account} is nobody's; share it once it has an owner.")
    field = "account"


class SeesAnyway(Refused):
    """A share would give them nothing."""

    message = _("{person} sees and changes {account} anyway.")
    field = "person"


class EndedAlready(Refused):
    """Once is enough."""

    message = _("This share has ended already.")


@transaction.atomic
def share(
    account: Account, to: Any, *, until: date, by: Any, level: str = ShareLevel.SEE, why: str = ""
) -> AccountShare:
    """With a person or a team, until the end of that day; once more with the same changes what they have."""
    account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    services.refuse_unheld(account, by)
    if account.owner_id is None:
        raise NobodysAnyway(account=account.name)
    if level not in ShareLevel.values:
        raise BadInput(why=_("May they see it, or change it too? Choose one."), field="level")
    _refuse_needless(account, to)
    today = house_day()
    if not today <= until <= today + LONGEST:
        raise BadInput(why=_("Share it until a day from today on, within a year."), field="until")
    whom = {"team": to} if isinstance(to, Team) else {"user": to}
    given = AccountShare.objects.filter(account=account, ended_at=None, **whom).first() or AccountShare(
        account=account, **whom
    )
    given.level, given.why = level, " ".join(why.split())[:250]
    given.since, given.until = today, until
    given.given_by, given.given_at = by, timezone.now()
    given.save()
    text = _CHANGES if level == ShareLevel.CHANGE else _SEES
    told = format_lazy(text, person=name_of(by), account=account.name, day=day_in_words(until))
    people = [one for one in people_with(given) if one.pk not in (by.pk, account.owner_id)]
    notify(people, told, url=account.get_absolute_url())
    return given


@transaction.atomic
def end(given: AccountShare, *, by: Any) -> AccountShare:
    """From now on they see it no more by this."""
    given = AccountShare.objects.select_for_update(of=("self",)).select_related("account").get(pk=given.pk)
    if not given.may_end(by):
        raise services.AccountOfAnother(account=given.account.name)
    if not given.is_live:
        raise EndedAlready()
    return _ended(given, by)


def settle(winner: UUID, loser: UUID) -> None:
    """Two accounts become one: what is shared with the same people counts as it stands on the one that stays."""
    here = {_whom(one): one for one in AccountShare.objects.filter(account=winner, ended_at=None)}
    for there in AccountShare.objects.filter(account=loser, ended_at=None):
        known = here.get(_whom(there))
        if known is not None:
            _ended(there if known.is_live else known, None)


def people_with(given: AccountShare) -> list[Any]:
    """Who has it by this share, and works with accounts at all."""
    whom = {"pk": given.user_id} if given.user_id else {"teams__team": given.team_id}
    people = get_user_model().objects.filter(**whom)
    return list(people.filter(is_active=True, groups__name__in=READERS).order_by("username").distinct())


def holds(account: Account) -> Iterable[Hold]:
    """The way in that a share is: who has it, and by whom until when."""
    lent = account.pooled_at is None
    for given in AccountShare.objects.live().filter(account=account).select_related("given_by", "team"):
        facts = {"giver": name_of(given.given_by) or "–", "day": written(given.until), "team": given.team}
        changes = lent and given.level == ShareLevel.CHANGE
        if given.user_id:
            words = _CHANGES_IT if changes else _SEES_IT
            yield Hold(given.user_id, "share", words, facts, changes)
            continue
        words = (
            _("{giver} lets the team {team}, in which {person} is, change it until {day}.")
            if changes
            else _("{giver} lets the team {team}, in which {person} is, see it until {day}.")
        )
        for member in TeamMember.objects.filter(team=given.team_id).values_list("user_id", flat=True):
            yield Hold(member, "share", words, facts, changes)


WAY = ways.Way("share", _("It is shared with them"), ways.SHARED, holds)


# ---- below: parts of the verbs ---------------------------------------------------------------------------------------


def _refuse_needless(account: Account, to: Any) -> None:
    if isinstance(to, Team):
        return
    if to.pk == account.owner_id or has_role(to, *SEE_ALL):
        raise SeesAnyway(person=name_of(to), account=account.name)
    if not has_role(to, "rep"):
        raise BadInput(why=_("{person} does not work with accounts here.").format(person=name_of(to)), field="person")


def _ended(given: AccountShare, by: Any) -> AccountShare:
    given.ended_at, given.ended_by = timezone.now(), by
    given.save()
    return given


def _whom(given: AccountShare) -> tuple[Any, Any]:
    return given.user_id, given.team_id


day_in_words = lazy(written, str)
_SEES_IT = _("{giver} lets {person} see it until {day}.")
_CHANGES_IT = _("{giver} lets {person} change it until {day}.")
_SEES = _("{person} lets you see {account} until {day}.")
_CHANGES = _("{person} lets you see and change {account} until {day}.")
