"""Who gets a lead: the first rule that fits chooses among its people, in turn, by weight, or by who has least to do.

Rivals wait for each other at the people of the rules, so that two leads at once are two turns. What is decided is
counted with the people; the caller saves the leads.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count
from django.utils import timezone

from crm.accounts.phones import country_code
from crm.leads.models import AssignmentRule, Lead, RuleMember
from crm.leads.models_rules import Method

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def give(leads: Sequence[Lead], *, but: Collection[Any] = ()) -> list[Lead]:
    """Set owner and team of those leads that a rule fits; `but` says to whom not. Those given are returned."""
    desk = Desk(but)
    given = [lead for lead in leads if desk.give(lead)]
    desk.keep()
    return given


class Desk:
    """The rules with their people, locked, and how much each person has open."""

    def __init__(self, but: Collection[Any] = ()) -> None:
        self.rules = list(AssignmentRule.objects.filter(active=True))
        people = RuleMember.objects.select_for_update(of=("self",)).filter(rule__in=self.rules, user__is_active=True)
        self.members: dict[Any, list[RuleMember]] = {rule.pk: [] for rule in self.rules}
        for member in people.select_related("user").order_by("pk") if self.rules else ():
            if member.user_id not in but:
                self.members[member.rule_id].append(member)
        self.used: dict[Any, RuleMember] = {}
        self.open = self._open()
        self.now = timezone.now()

    def give(self, lead: Lead) -> bool:
        """Set the lead's owner, if somebody may have it."""
        for rule in self.rules:
            if not fits(rule, lead):
                continue
            member = choose(rule.method, self.members[rule.pk], self.open)
            if member is None:
                continue
            lead.owner, lead.team = member.user, rule.team or lead.team
            self._count(member)
            return True
        return False

    def keep(self) -> None:
        """Whose turn it was is remembered."""
        RuleMember.objects.bulk_update(self.used.values(), ["given", "given_at"])

    def _count(self, member: RuleMember) -> None:
        self.now += timedelta(microseconds=1)
        member.given, member.given_at = member.given + 1, self.now
        self.open[member.user_id] += 1
        self.used[member.pk] = member

    def _open(self) -> Counter[Any]:
        """How many open leads each has, where a rule asks for it."""
        asked = [
            member.user_id
            for rule in self.rules
            for member in self.members[rule.pk]
            if rule.method == Method.CAPACITY or member.open_most is not None
        ]
        if not asked:
            return Counter()
        counts = Lead.objects.open().filter(owner__in=asked).order_by().values("owner").annotate(count=Count("pk"))
        return Counter({row["owner"]: row["count"] for row in counts})


def fits(rule: AssignmentRule, lead: Lead) -> bool:
    """Does the lead meet every condition that the rule has?"""
    return (
        (not rule.source or rule.source == lead.source)
        and _same(rule.campaign, lead.campaign)
        and (not rule.country or _country(rule.country) == _country(lead.country))
        and _same(rule.region, lead.region)
        and _same(rule.industry, lead.industry)
        and lead.postal_code.casefold().startswith(rule.postal_prefix.casefold())
        and lead.score >= rule.score_least
    )


def choose(method: str, members: Iterable[RuleMember], open_leads: Counter[Any]) -> RuleMember | None:
    """Whose turn it is among those who have room for one more."""
    free = [one for one in members if one.open_most is None or open_leads[one.user_id] < one.open_most]
    if not free:
        return None
    if method == Method.CAPACITY:
        return min(free, key=lambda one: (open_leads[one.user_id], one.given_at or NEVER, one.pk))
    if method == Method.WEIGHTED:
        _let_join(free)
        return min(free, key=lambda one: ((one.given + 1) / one.weight, one.pk))
    return min(free, key=lambda one: (one.given_at or NEVER, one.pk))


def _let_join(members: Sequence[RuleMember]) -> None:
    """Who joins later has the next turn and begins where the others are: they do not get all until they have as many.

    From the beginning nobody waits until all others have had more than one such turn as theirs.
    """
    shares = [one.given / one.weight for one in members if one.given_at is not None]
    for one in members:
        if one.given_at is None and shares and min(shares) > 1 / one.weight:
            one.given = max(int(min(shares) * one.weight) - 1, 0)


def _same(wanted: str, told: str) -> bool:
    return not wanted or wanted.casefold() == told.casefold()


def _country(text: str) -> str:
    return country_code(text) or text.casefold()
