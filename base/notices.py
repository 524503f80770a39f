"""Notices: one line for one person, kept until read. Services write them, the bell in every shell counts them.

`notify([order.rep], _("Order {number} was released."), url=order.get_absolute_url(), tone="good")`
"""

from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from base import context
from base.fields import uuid7_pk
from base.lists import keyset_page
from base.standing import standing_of


class Tone(models.TextChoices):
    INFO = "info", _("News")
    GOOD = "good", _("Good news")
    WARN = "warn", _("Needs attention")
    BAD = "bad", _("Went wrong")


class NoticeQuerySet(models.QuerySet[Any]):
    """Words about notices."""

    def visible_to(self, user: Any) -> Self:
        """One's own, nobody else's."""
        return self.filter(user=user)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class NoticeBase(models.Model):
    """What one person was told, and whether they have looked."""

    id = uuid7_pk()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    text = models.CharField(_("text"), max_length=500)
    url = models.CharField(_("leads to"), max_length=300, blank=True, default="")
    tone = models.CharField(_("tone"), max_length=4, choices=Tone.choices, default=Tone.INFO)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [models.CheckConstraint(condition=models.Q(tone__in=Tone.values), name="notice_tone_known")]
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_of_user"),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.text


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


def _in_language_of(user: Any, text: str | Promise) -> str:
    with translation.override(user.language or settings.LANGUAGE_CODE):
        return str(text)[:500]


def unread_count(request: HttpRequest) -> dict[str, Any]:
    """Context processor: how many wait."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"unread_notices": standing_of(user).unread_notices}


@login_required
def notice_list(request: HttpRequest) -> HttpResponse:
    """All one was told, the newest first."""
    return render(request, "ui/notices.html", {"page": keyset_page(_of(request.user), request, ("-id",))})


@login_required
def open_notice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go where it leads; who has gone there has read it."""
    notice = get_object_or_404(_of(request.user), pk=pk)
    read(_of(request.user).filter(pk=pk))
    return redirect(notice.url or "notices:list")


@require_POST
@login_required
def mark_read(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """One, or all that wait."""
    mine = _of(request.user)
    read(mine if pk is None else mine.filter(pk=pk))
    return redirect("notices:list")


def bell(request: HttpRequest) -> HttpResponse:
    """The bell with its count; nothing when the page already shows this number, or when one has signed out."""
    if not request.user.is_authenticated:
        return HttpResponse(status=204)
    count = _of(request.user).unread().count()
    if request.GET.get("shown") == str(count):
        return HttpResponse(status=204)
    return render(request, "ui/_bell.html", {"unread_notices": count})


def read(notices: Any) -> None:
    """From now on they do not wait any more."""
    notices.unread().update(read_at=timezone.now())


def _of(user: Any) -> Any:
    return _model().objects.visible_to(user)


def _model() -> Any:
    return apps.get_model("access", "Notice")


app_name = "notices"
urlpatterns = [
    path("", notice_list, name="list"),
    path("bell/", bell, name="bell"),
    path("read/", mark_read, name="read_all"),
    path("<uuid:pk>/", open_notice, name="open"),
    path("<uuid:pk>/read/", mark_read, name="read"),
]
