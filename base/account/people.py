"""The verbs of users: invited by mail, given roles, switched off and on, unlocked. Admins only; each says why."""

from collections.abc import Iterable
from typing import Any

from axes.utils import reset as forget_failures
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _

from base import context
from base.account import sessions
from base.refusals import Refused


class NameTaken(Refused):
    """User names are unique on a side."""

    message = _("There is a user {name} already.")
    field = "username"


class LastAdmin(Refused):
    """Somebody must be able to let the others in."""

    message = _("This is the last admin; make another one first.")


class NotYourself(Refused):
    """Who switches themselves off cannot switch themselves on."""

    message = _("You cannot switch yourself off.")


@transaction.atomic
def invite(request: HttpRequest, username: str, roles: Iterable[str], why: str, **names: str) -> Any:
    """A new user, who sets their password by a link that comes by mail."""
    model: Any = get_user_model()
    if model.objects.filter(username=username).exists():
        raise NameTaken(name=username)
    with context.because(why):
        user = model(username=username, language=translation.get_language() or "", **names)
        user.set_unusable_password()
        _give(user, frozenset(roles))
    transaction.on_commit(lambda: _send_invitation(request, user))
    return user


@transaction.atomic
def set_roles(user: Any, roles: Iterable[str], why: str) -> Any:
    """From now on in these roles; the history keeps which they were."""
    before, after = frozenset(user.groups.values_list("name", flat=True)), frozenset(roles)
    if "admin" in before - after:
        _refuse_last_admin(user)
    words = f"{', '.join(sorted(before)) or '–'} → {', '.join(sorted(after)) or '–'}: {why}"
    with context.because(words[:100]):
        return _give(user, after)


@transaction.atomic
def switch_off(user: Any, by: Any, why: str) -> None:
    """At once: no sign-in, no session, no token."""
    if user.pk == by.pk:
        raise NotYourself()
    if user.groups.filter(name="admin").exists():
        _refuse_last_admin(user)
    with context.because(why):
        user.is_active = False
        user.save(update_fields=["is_active"])
    end_everything(user)


@transaction.atomic
def switch_on(user: Any, why: str) -> None:
    """May sign in again; former sessions and tokens stay ended."""
    with context.because(why):
        user.is_active = True
        user.save(update_fields=["is_active"])


def end_everything(user: Any) -> None:
    """Sessions and tokens end now, for good."""
    sessions.end_of(user)
    user.api_tokens.filter(revoked_at=None).update(revoked_at=timezone.now())


def unlock(user: Any) -> int:
    """Forget the wrong guesses, so that they may try again at once."""
    return int(forget_failures(username=user.get_username()))


def _give(user: Any, roles: frozenset[str]) -> Any:
    user.is_staff = user.is_superuser = "admin" in roles
    user.save()
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def _refuse_last_admin(user: Any) -> None:
    others = get_user_model().objects.filter(groups__name="admin", is_active=True).exclude(pk=user.pk)
    if not others.exists():
        raise LastAdmin()


def _send_invitation(request: HttpRequest, user: Any) -> None:
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    link = reverse("account:new_password", args=[uid, default_token_generator.make_token(user)])
    told = {"user": user, "by": request.user, "link": request.build_absolute_uri(link), "side": settings.SIDE}
    subject = render_to_string("account/mail/invited_subject.txt", told).strip()
    send_mail(subject, render_to_string("account/mail/invited.txt", told), None, [user.email])
