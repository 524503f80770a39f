"""Why somebody may see and change a record, as chains in words, and who all may.

It reads the rows by which the ways in (`crm.accounts.ways`) work, so each way that a domain adds explains itself; tests
and the proof `visibility` hold it against `visible_to` and `writable_by` for everybody in companies of chance.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from base.roles import roles_of
from crm.access.people import Led, led_by, name_of
from crm.accounts.models import READERS, WRITERS_OF_ALL, Account, Contact
from crm.accounts.ways import SEE_ALL, Hold, holds_of, people_of

SHOWN_EACH = 3


@dataclass(frozen=True)
class Reason:
    """One chain: from the person, over whom they lead, to the row that opens the record."""

    by: str
    """`role`, `owner`, `nobody`, `share`, or the way that a domain added: `deal`, `ticket`."""
    steps: tuple[str, ...]
    changes: bool
    url: str = ""


@dataclass(frozen=True)
class Why:
    """What of a record somebody may, and by which chains; `lacking` says what is missing where there is none."""

    person: Any
    see: tuple[Reason, ...] = ()
    lacking: str = ""

    @property
    def change(self) -> tuple[Reason, ...]:
        """The chains that let them change it, too."""
        return tuple(one for one in self.see if one.changes)

    @property
    def name(self) -> str:
        return name_of(self.person)


class Access(ABC):
    """All that opens one record, read once; asked for one person or for all."""

    changing_roles: ClassVar[tuple[str, ...]] = WRITERS_OF_ALL
    """Which of the roles that see all may change it, too."""

    def __init__(self, record: Any) -> None:
        self.record = record

    def why(self, user: Any) -> Why:
        """The chains of one person."""
        return self._why(user, roles_of(user), people_of(user))

    def everybody(self) -> list[Why]:
        """Everybody who sees it, each with their chains."""
        people: dict[int, set[int]] = defaultdict(set)
        for led in self._led:
            people[led.leader].add(led.person)
        some = get_user_model().objects.filter(is_active=True).prefetch_related("groups").order_by("username")
        found = [
            self._why(user, [group.name for group in user.groups.all()], people[user.pk] | {user.pk}) for user in some
        ]
        return [one for one in found if one.see]

    # -- what each kind of record says of itself -----------------------------------------------------------------------

    @abstractmethod
    def find_holds(self) -> list[Hold]:
        """The rows by which somebody, and whoever leads them, sees it."""

    @abstractmethod
    def free(self) -> str:
        """Why every rep sees it; empty when not every rep does."""

    @abstractmethod
    def lacking(self, person: str) -> str:
        """What somebody would need to see it."""

    def changes(self, hold: Hold | None) -> bool:
        """Is it changed by this hold, or, with none, by every rep?"""
        return hold is None or hold.changes

    def changed_by_roles(self, roles: Iterable[str]) -> bool:
        """Do these roles alone let somebody who sees it change it?"""
        return bool(set(roles) & set(self.changing_roles))

    # -- one person ----------------------------------------------------------------------------------------------------

    def _why(self, user: Any, roles: Iterable[str], people: Iterable[int]) -> Why:
        """By the roles and people they have."""
        person = name_of(user)
        if not user.is_active:
            return Why(user, lacking=_("{person} cannot sign in any more.").format(person=person))
        held = READERS if user.is_superuser else tuple(role for role in READERS if role in set(roles))
        if serving := [role for role in held if role in SEE_ALL]:
            by_role = self._by_role(user, serving, self.changed_by_roles(held))
            more = self._reasons(user, set(people)) if "rep" in held and not by_role.changes else ()
            return Why(user, (by_role, *more))
        if "rep" not in held:
            return Why(user, lacking=_("{person} has no role that works with accounts.").format(person=person))
        found = tuple(self._reasons(user, set(people)))
        return Why(user, found, "" if found else self.lacking(person))

    def _by_role(self, user: Any, serving: list[str], changes: bool) -> Reason:
        words = _("{person} may do everything.") if user.is_superuser else _("{person} has the role {role}.")
        step = words.format(person=name_of(user), role=", ".join(serving))
        return Reason("role", (step, _("This role serves every customer.")), changes)

    def _reasons(self, user: Any, people: set[int]) -> Iterable[Reason]:
        if words := self.free():
            yield Reason("nobody", (words,), self.changes(None))
        told: dict[tuple[str, int], int] = defaultdict(int)
        for hold in self._holds:
            changes = self.changes(hold)
            told[hold.by, hold.person] += 1
            if hold.person in people and (changes or told[hold.by, hold.person] <= SHOWN_EACH):
                steps = (*self._leading(user, hold.person), hold.said(self._names.get(hold.person, "–")))
                yield Reason(hold.by, steps, changes, hold.url)

    def _leading(self, user: Any, person: int) -> tuple[str, ...]:
        found = next((one for one in self._led if (one.leader, one.person) == (user.pk, person)), None)
        if person == user.pk or found is None:
            return ()
        words = (
            _("{leader} leads the team {led}, in which {person} is.")
            if found.led == found.member_of
            else _("{leader} leads the team {led}; {person} is in {team}, a team below it.")
        )
        names = {"leader": name_of(user), "person": self._names.get(person, "–")}
        return (words.format(**names, led=found.led, team=found.member_of),)

    @cached_property
    def _holds(self) -> list[Hold]:
        return self.find_holds()

    @cached_property
    def _led(self) -> list[Led]:
        return led_by({hold.person for hold in self._holds})

    @cached_property
    def _names(self) -> dict[int, str]:
        people = get_user_model().objects.filter(pk__in={hold.person for hold in self._holds})
        return {one.pk: name_of(one) for one in people}


class AccountAccess(Access):
    """Of an account, and of what is seen and changed with it."""

    @property
    def account(self) -> Account:
        """The account that opens it."""
        account: Account = self.record if isinstance(self.record, Account) else self.record.account
        return account

    def find_holds(self) -> list[Hold]:
        return holds_of(self.account)

    def free(self) -> str:
        if self.account.owner_id is None and self.account.pooled_at is None:
            return _("The account has never been anybody's: every rep sees and changes it.")
        return ""

    def lacking(self, person: str) -> str:
        if self.account.owner_id is None:
            words = _("The account lies in the pool: {person} may claim it, and sees it from then on.")
        else:
            words = _(
                "The account is {owner}'s. {person} does not lead {owner}, neither they nor people they lead have a "
                "deal or ticket there, and it is not shared with any of them."
            )
        return words.format(person=person, owner=name_of(self.account.owner))


# ---- which record is told how ----------------------------------------------------------------------------------------

_KINDS: dict[type, type[Access]] = {Account: AccountAccess, Contact: AccountAccess}


def explains(model: type, how: type[Access]) -> None:
    """Records of this model are told so; called when the app is ready."""
    _KINDS[model] = how


def access_to(record: Any) -> Access:
    """All that opens this record."""
    return _KINDS[type(record)](record)


def why(user: Any, record: Any) -> Why:
    """Why somebody may see and change it, or what they lack."""
    return access_to(record).why(user)
