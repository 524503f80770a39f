"""Tokens are made and ended here."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput, MoveRefused, Refused
from base.scopes import covers, every_scope

STATES = ("active", "expired", "revoked")
DAYS_MAX = 365
LIVE_MAX = 50


class TooManyTokens(Refused):
    """Nobody keeps track of that many keys."""

    message = _("You have {n} live tokens. Revoke one that is not needed any more.")


class WiderThanItsMaker(Refused):
    """A token made by a token can do no more and lives no longer."""

    message = _("A token can only make one that may do no more and ends no later than itself.")
    status = 403


def tokens_of(user: Any) -> Any:
    """The user's tokens, newest first."""
    return apps.get_model("access", "ApiToken").objects.filter(user=user).order_by("-created_at", "-pk")


@transaction.atomic
def create_token(user: Any, name: str, scopes: Iterable[str], days: int, *, by: Any = None) -> tuple[Any, str]:
    """A token and its secret, which nobody can show again; `by` is the token that asks for it, if one does."""
    wanted = list(dict.fromkeys(scopes))
    if not wanted or not set(wanted) <= set(every_scope()):
        raise BadInput(why=_("Choose what the token may do."), field="scopes")
    if not 1 <= days <= DAYS_MAX:
        raise BadInput(why=_("A token lives between one day and a year."), field="days")
    model = apps.get_model("access", "ApiToken")
    get_user_model().objects.select_for_update().get(pk=user.pk)
    if (live := model.objects.alive().filter(user=user).count()) >= LIVE_MAX:
        raise TooManyTokens(n=live)
    token, secret = model.issue(user, name, days, wanted)
    if by is not None:
        outlives = by.expires_at is not None and token.expires_at > by.expires_at
        if outlives or not all(covers(by.scopes, scope) for scope in wanted):
            raise WiderThanItsMaker()
    return token, secret


@transaction.atomic
def revoke_token(token: Any) -> Any:
    """End it now, for good."""
    fresh = type(token).objects.select_for_update().get(pk=token.pk)
    if fresh.revoked_at is not None:
        raise MoveRefused(what=fresh.name, state=_("revoked"), verb=_("revoked"))
    fresh.revoked_at = timezone.now()
    fresh.save(update_fields=["revoked_at"])
    return fresh
