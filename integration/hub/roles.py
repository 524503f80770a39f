"""The hub's doors, as `integration.rights` says who reads all of it, who acts and who grants.

Pages, lists, API, search and mail ask here.
"""

from typing import Any

from base.roles import RolePermission, has_role, role_required
from integration.rights import AUDITORS, GRANTERS, OPERATORS, READERS

__all__ = [
    "GRANTERS", "OPERATORS", "READERS", "Granting", "Operating", "granters_only", "may_act", "may_grant",
    "operators_only", "readers_only",
]  # fmt: skip

readers_only = role_required(*READERS)
operators_only = role_required(*OPERATORS)
granters_only = role_required(*GRANTERS)

Operating = RolePermission.of(*OPERATORS, read=AUDITORS)
Granting = RolePermission.of(*GRANTERS, read=READERS)


def may_act(user: Any) -> bool:
    """May they change anything here, or only look?"""
    return has_role(user, *OPERATORS)


def may_grant(user: Any) -> bool:
    """May they let restricted contracts go?"""
    return has_role(user, *GRANTERS)
