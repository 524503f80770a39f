"""Who may see and change what, worked out one record at a time in plain loops from what the guides promise.

It reads rows as they lie in the database and knows nothing of the product's query sets, nor of Django.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

SERVES_ALL = ("agent", "manager", "admin")
Row = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """Somebody with their roles; a chief is Django's superuser."""

    pk: int
    name: str
    active: bool
    chief: bool
    roles: frozenset[str]

    def has(self, *roles: str) -> bool:
        """Have they one of the roles, and are they still here?"""
        return self.active and (self.chief or any(role in self.roles for role in roles))

    def __str__(self) -> str:
        told = "chief" if self.chief else "+".join(sorted(self.roles)) or "no role"
        return f"{self.name} ({told}{'' if self.active else ', gone'})"


@dataclass
class Facts:
    """What lies in the database."""

    people: dict[int, Person]
    parents: dict[Any, Any]
    """Of each team the one above it."""
    members: list[tuple[Any, int, bool]]
    """Team, person, and whether they lead it."""
    rows: dict[str, dict[str, Row]]
    """By kind and key."""
    today: date
    """The day it is where the house is."""


@dataclass
class Oracle:
    """The slow one."""

    facts: Facts
    _led: dict[int, set[int]] = field(default_factory=dict)
    _whys: dict[tuple[int, str, str], str] = field(default_factory=dict)

    # -- people --------------------------------------------------------------------------------------------------------

    def people_of(self, user: Person) -> set[int]:
        """Themselves, and who is in a team that they lead, or in one somewhere below it."""
        if user.pk not in self._led:
            found = {user.pk}
            for team, person, leads in self.facts.members:
                if person == user.pk and leads:
                    found.update(one for place, one, _leads in self.facts.members if self._is_below(place, team))
            self._led[user.pk] = found
        return self._led[user.pk]

    def teams_of(self, people: set[int]) -> set[Any]:
        """The teams that they are in."""
        return {team for team, person, _leads in self.facts.members if person in people}

    def _is_below(self, team: Any, above: Any) -> bool:
        return above in list(self._upwards(team))

    def _upwards(self, team: Any) -> Iterator[Any]:
        """The team, the one it belongs to, and so on."""
        while team is not None:
            yield team
            team = self.facts.parents[team]

    # -- seeing --------------------------------------------------------------------------------------------------------

    def seen(self, user: Person, kind: str) -> set[str]:
        """The keys of what they may see."""
        return {key for key in self.facts.rows[kind] if self.why(user, kind, key)}

    def why(self, user: Person, kind: str, key: str) -> str:
        """In a few words why they may see it; empty when they may not."""
        known = (user.pk, kind, key)
        if known not in self._whys:
            rule: Callable[[Person, Row], str] = getattr(self, f"_sees_{kind}")
            self._whys[known] = rule(user, self.facts.rows[kind][key])
        return self._whys[known]

    def _through(self, user: Person, kind: str, key: Any) -> str:
        """Seen with what it belongs to."""
        return self.why(user, kind, str(key)) if key is not None and str(key) in self.facts.rows[kind] else ""

    def _sees_account(self, user: Person, row: Row) -> str:
        if user.has(*SERVES_ALL):
            return "serves every customer"
        if not user.has("rep"):
            return ""
        people = self.people_of(user)
        if row["owner_id"] in people:
            return "own account" if row["owner_id"] == user.pk else "account of somebody they lead"
        if row["owner_id"] is None and row["pooled_at"] is None:
            return "nobody's from the beginning"
        for kind, person in (("deal", "owner_id"), ("ticket", "assignee_id")):
            for key, other in self.facts.rows[kind].items():
                if other["account_id"] == row["id"] and other[person] in people:
                    return f"by {kind} {key} of {other[person]}"
        return next((f"by share {share['id']}" for share in self._shares(user, row)), "")

    def _shares(self, user: Person, account: Row) -> Iterator[Row]:
        """What is shared today with them or somebody they lead, or with a team that one of these is in."""
        people = self.people_of(user)
        for share in self.facts.rows["share"].values():
            if share["account_id"] != account["id"] or share["ended_at"] or share["until"] < self.facts.today:
                continue
            if share["user_id"] in people or share["team_id"] in self.teams_of(people):
                yield share

    def _sees_share(self, user: Person, row: Row) -> str:
        return self._through(user, "account", row["account_id"])

    def _sees_pool(self, user: Person, row: Row) -> str:
        return "nobody's" if row["owner_id"] is None and user.has("rep", *SERVES_ALL) else ""

    def knows_name(self, user: Person, key: str, at_its_address: bool) -> bool:
        """The pool names its accounts to everybody, and at an address that was claimed it says who was first."""
        claimed = any(
            str(stay["account_id"]) == key and stay["went_by"] == "claimed" for stay in self.facts.rows["stay"].values()
        )
        return bool(self.why(user, "pool", key)) or (at_its_address and claimed and user.has("rep"))

    def _sees_stay(self, user: Person, row: Row) -> str:
        account = str(row["account_id"])
        return self._through(user, "account", account) or self._through(user, "pool", account)

    def _sees_merge(self, user: Person, row: Row) -> str:
        return self._through(user, row["kind"], row["winner"])

    def _sees_contact(self, user: Person, row: Row) -> str:
        return self._through(user, "account", row["account_id"])

    def _sees_deal(self, user: Person, row: Row) -> str:
        return self._through(user, "account", row["account_id"])

    def _sees_ticket(self, user: Person, row: Row) -> str:
        return self._through(user, "account", row["account_id"])

    def _of_deal(self, user: Person, row: Row) -> str:
        return self._through(user, "deal", row["deal_id"])

    _sees_line = _sees_deposit = _sees_quote = _sees_approval = _of_deal

    def _of_ticket(self, user: Person, row: Row) -> str:
        return self._through(user, "ticket", row["ticket_id"])

    _sees_message = _sees_return = _of_ticket

    def _sees_entry(self, user: Person, row: Row) -> str:
        return self._through(user, "account", row["account_id"]) or self._through(user, "lead", row["lead"])

    def _of_entry(self, user: Person, row: Row) -> str:
        return self._through(user, "entry", row["entry_id"])

    _sees_photo = _sees_recording = _sees_check_in = _of_entry

    def _sees_lead(self, user: Person, row: Row) -> str:
        if user.has(*SERVES_ALL):
            return "serves every customer"
        if not user.has("rep"):
            return ""
        people = self.people_of(user)
        if row["owner_id"] in people:
            return "own lead" if row["owner_id"] == user.pk else "lead of somebody they lead"
        if row["owner_id"] is None and row["team_id"] is None:
            return "nobody's lead"
        if row["owner_id"] is None and row["team_id"] in self.teams_of(people):
            return "left to a team of theirs"
        return ""

    def _sees_conversion(self, user: Person, row: Row) -> str:
        return self._through(user, "lead", row["lead_id"])

    def _sees_handover(self, user: Person, row: Row) -> str:
        if not user.has("rep", *SERVES_ALL):
            return ""
        if row["asked_by_id"] == user.pk:
            return "own question"
        return self._through(user, "lead", row["lead_id"]) or self._through(user, "account", row["account_id"])

    def _sees_operation(self, user: Person, row: Row) -> str:
        return "own device's" if row["user_id"] == user.pk and user.has("rep", *SERVES_ALL) else ""

    def _sees_clash(self, user: Person, row: Row) -> str:
        if user.has("manager", "admin"):
            return "manages"
        if not user.has("rep", *SERVES_ALL):
            return ""
        if row["owner_id"] == user.pk:
            return "on own record"
        return self._sees_operation(user, self.facts.rows["operation"][str(row["operation_id"])])

    def _sees_view(self, user: Person, row: Row) -> str:
        """A view is shared with those of its owner's teams and below; of somebody without a team, with everyone."""
        if row["owner_id"] == user.pk:
            return "own view"
        if not row["team"]:
            return ""
        if user.has("admin"):
            return "admins know what is shared"
        theirs = self.teams_of({row["owner_id"]})
        if not theirs:
            return "of somebody in no team"
        near = {above for team in self.teams_of({user.pk}) for above in self._upwards(team)}
        return "shared with their team" if near & theirs else ""

    # -- changing ------------------------------------------------------------------------------------------------------

    def may_change(self, user: Person, kind: str, key: str) -> bool:
        """May they change it? Never what they may not see."""
        if not self.why(user, kind, key):
            return False
        row = self.facts.rows[kind][key]
        if kind == "account":
            lent = any(share["level"] == "change" for share in self._shares(user, row))
            return self.may_decide(user, key) or (lent and row["pooled_at"] is None)
        if kind == "contact":
            return self.may_change(user, "account", str(row["account_id"]))
        if kind == "deal":
            theirs = row["owner_id"] is None or row["owner_id"] in self.people_of(user)
            return user.has("manager", "admin") or (user.has("rep") and theirs)
        if kind == "line":
            return self.may_change(user, "deal", str(row["deal_id"]))
        # Who is shown a lead or a ticket works on it.
        return True

    def may_decide(self, user: Person, key: str) -> bool:
        """May they say whose an account is and who else sees it? Nobody may because it is shared with them."""
        row = self.facts.rows["account"][key]
        free = row["owner_id"] is None and row["pooled_at"] is None
        theirs = user.has("rep") and (row["owner_id"] in self.people_of(user) or free)
        return user.has(*SERVES_ALL) or theirs

    def changed(self, user: Person, kind: str) -> set[str]:
        """The keys of what they may change."""
        return {key for key in self.facts.rows[kind] if self.may_change(user, kind, key)}
