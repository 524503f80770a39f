"""Who of the hub's people may read what restricted events say: all others see that there was one, and nothing of it."""

from typing import Any

from base.roles import has_role
from integration.contracts import contract_of
from integration.hub.models import Archived, Case
from integration.rights import FIELD_TIERS

MASK = "•••"


def is_restricted(contract: str) -> bool:
    """Is what events of this contract say for granted audiences only?"""
    model = contract_of(contract)
    return model is not None and model.data_class == "restricted"


def may_read(user: Any, contract: str) -> bool:
    """Everyone of the hub reads ordinary events; restricted ones are figures of credit, cost and margin."""
    return not is_restricted(contract) or has_role(user, *FIELD_TIERS["margin"])


def words_of(user: Any, event: Archived) -> str:
    """The event's text for this reader; empty when it was erased, a mask when it is not for them."""
    if not may_read(user, event.type):
        return MASK
    return bytes(event.body).decode()


def trial_of(user: Any, event: Archived, text: str) -> str:
    """What a side says it would do with an event, for this reader: its refusal may repeat the event's figures."""
    return text if may_read(user, event.type) else MASK


def differences_of(user: Any, case: Case) -> list[dict[str, str]]:
    """Both values of a case for this reader: which fields differ may be seen, not what they say."""
    if may_read(user, case.contract):
        return list(case.differences)
    return [{"field": row["field"], "said": MASK, "held": MASK} for row in case.differences]
