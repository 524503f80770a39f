"""The verbs of notices: tell, read; and how many wait."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.functional import Promise

from base import context
from base.notices.models import Tone
from base.standing import standing_of


def notify(users: Iterable[Any], text: str | Promise, url: str = "", tone: str = Tone.INFO) -> None:
    """Tell each of these people once; a lazy text is written in each reader's own language.

    `url` is a page of this side. In a transaction that is taken back, nobody is told; nor of history told again.
    """
    if context.backfill.get():
        return
    assert not url or (url.startswith("/") and not url.startswith("//")), "a notice leads to a page of this side"
    people = {user.pk: user for user in users if user is not None and user.is_active}
    model = _model()
    model.objects.bulk_create(
        [model(user=user, text=_in_language_of(user, text), url=url, tone=Tone(tone)) for user in people.values()]
    )


def read(notices: Any) -> None:
    """From now on they do not wait any more."""
    notices.unread().update(read_at=timezone.now())


def unread_count(request: HttpRequest) -> dict[str, Any]:
    """Context processor: how many wait."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"unread_notices": standing_of(user).unread_notices}


def mine(user: Any) -> Any:
    """What somebody was told."""
    return _model().objects.visible_to(user)


def _in_language_of(user: Any, text: str | Promise) -> str:
    with translation.override(user.language or settings.LANGUAGE_CODE):
        return str(text)[:500]


def _model() -> Any:
    return apps.get_model("access", "Notice")
