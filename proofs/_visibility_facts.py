"""What the oracle is told: every row of the kinds that the choke point guards, as it lies in the database."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from proofs._visibility_oracle import Facts, Person

MODELS = {
    "account": "accounts.Account", "contact": "accounts.Contact", "pool": "accounts.PoolAccount",
    "stay": "accounts.PoolStay", "share": "accounts.AccountShare", "merge": "accounts.Merge", "lead": "leads.Lead",
    "conversion": "leads.Conversion", "handover": "leads.Handover", "deal": "pipeline.Deal",
    "line": "pipeline.DealLine", "deposit": "pipeline.DepositReport", "quote": "pipeline.Quote",
    "approval": "pipeline.PriceApproval",
    "ticket": "tickets.Ticket", "message": "tickets.TicketMessage", "return": "tickets.ReturnRequest",
    "entry": "activities.Entry", "photo": "activities.Photo", "recording": "activities.Recording",
    "check_in": "activities.CheckIn", "operation": "offline.Operation", "clash": "offline.Clash",
    "view": "access.SavedView",
}  # fmt: skip
# Models with a door that have nothing to do with whose a record is: seen by role alone, or only one's own. `make proof
# ONLY=access` walks these.
BY_ROLE_OR_ONES_OWN = {
    "access.User", "access.ApiToken", "access.Notice", "access.Job", "access.SignIn", "access.Import",
    "access.BulkChange",
}  # fmt: skip


def table(label: str) -> Any:
    """A model by its label; the types are checked as the hub sees them, which installs neither business."""
    from django.apps import apps

    find: Callable[..., Any] = apps.get_model
    return find(label)


def model_of(kind: str) -> Any:
    """The model of a kind."""
    return table(MODELS[kind])


def unknown_doors() -> list[str]:
    """Models of the CRM with a door that neither the oracle knows nor a role alone opens."""
    from django.apps import apps

    from base.visible import VisibleQuerySet

    known = {*MODELS.values(), *BY_ROLE_OR_ONES_OWN}
    found = []
    for model in apps.get_models():
        rows = model._default_manager.all()
        by_role = isinstance(rows, VisibleQuerySet) and type(rows).visible_to is VisibleQuerySet.visible_to
        if model.__module__.startswith("crm.") and hasattr(rows, "visible_to") and not by_role:
            found.append(model._meta.label)
    return sorted(set(found) - known)


def read(seed: int) -> Facts:
    """All of it; people are those of the one organisation."""
    from django.conf import settings
    from django.contrib.auth import get_user_model

    people = {}
    for user in get_user_model()._base_manager.filter(username__startswith=f"p{seed}-"):
        roles = frozenset(group.name for group in user.groups.all())
        people[user.pk] = Person(user.pk, user.username, user.is_active, user.is_superuser, roles)
    teams = table("access.Team")._base_manager.values_list("pk", "parent_id")
    members = table("access.TeamMember")._base_manager.values_list("team_id", "user_id", "leads")
    rows = {kind: {str(row[_key(kind)]): row for row in model_of(kind)._base_manager.values()} for kind in MODELS}
    return Facts(people, dict(teams), list(members), rows, datetime.now(ZoneInfo(settings.TIME_ZONE)).date())


def _key(kind: str) -> str:
    return str(model_of(kind)._meta.pk.attname)
