"""Who moves goods, who looks, and who sees what they cost."""

from typing import Any

from base.roles import has_role

KEEPERS = ("warehouse", "accountant", "admin")
READERS = ("order_desk", "auditor")
COST_READERS = ("accountant", "auditor", "admin")


def sees_cost(user: Any) -> bool:
    """Cost and value are a tier of their own: not for the warehouse, not for the order desk."""
    return has_role(user, *COST_READERS)
