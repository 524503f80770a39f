"""Who of the hub's people may read what restricted events say: all others see that there was one, and nothing of it."""

from typing import Any

from base.tiers import sees
from integration.contracts import contract_of, tier_of
from integration.hub.models import Archived, Case, Grant, Observation

MASK = "•••"


def is_restricted(contract: str) -> bool:
    """Is what events of this contract say for granted audiences only?"""
    return bool(tier_of(contract))


def may_go(contract: str, destination: str) -> bool:
    """May the side be told it at all, also for a trial of which nothing stays?"""
    model = contract_of(contract)
    if model is None or destination not in model.audience:
        return False
    return not is_restricted(contract) or Grant.objects.filter(contract=contract, destination=destination).exists()


def may_read(user: Any, contract: str) -> bool:
    """Everyone of the hub reads ordinary events; restricted ones are figures of credit, cost and margin."""
    tier = tier_of(contract)
    return not tier or sees(user, tier)


def words_of(user: Any, event: Archived) -> str:
    """The event's text for this reader; empty when it was erased, a mask when it is not for them."""
    if not may_read(user, event.type):
        return MASK
    return bytes(event.body).decode()


def parked_of(user: Any, told: dict[str, Any]) -> dict[str, Any]:
    """What a side says it has parked, for this reader: what went wrong may repeat the event's figures."""
    events = [row if may_read(user, row["type"]) else row | {"error": MASK} for row in told.get("events", [])]
    return told | {"events": events}


def trial_of(user: Any, event: Archived, text: str) -> str:
    """What a side says it would do with an event, for this reader: its refusal may repeat the event's figures."""
    return text if may_read(user, event.type) else MASK


def reason_of(seen: Observation) -> str:
    """What a side said to an event on trial, where one reader's eyes are as good as another's: in a list."""
    return MASK if seen.text and is_restricted(seen.event.type) else seen.text


def differences_of(user: Any, case: Case) -> list[dict[str, str]]:
    """Both values of a case for this reader: which fields differ may be seen, not what they say."""
    return list(case.differences) if may_read(user, case.contract) else _masked(case)


def differences_told(case: Case) -> list[dict[str, str]]:
    """As the owner's people get them by an ordinary event, which all may read: they look into their own books."""
    return _masked(case) if is_restricted(case.contract) else list(case.differences)


def _masked(case: Case) -> list[dict[str, str]]:
    return [{"field": row["field"], "said": MASK, "held": MASK} for row in case.differences]
