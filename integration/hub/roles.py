"""Who may come into the hub, said once: who reads all of it, who acts, who grants. Pages, lists, API, search and mail
ask here.
"""

from typing import Any

from base.roles import RolePermission, has_role, role_required

OPERATORS = ("operator", "admin")
AUDITORS = ("auditor",)
READERS = (*OPERATORS, *AUDITORS)
GRANTERS = ("admin",)
"""Who lets a restricted contract go to a side."""

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
