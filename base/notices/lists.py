"""The list of what one was told."""

from typing import Any

import django_filters
from django.apps import apps
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Column, DaysFilter, Empty, Kind, ListFilterSet, Listing, YesNoFilter
from base.notices.models import Tone
from base.notices.services import mine


class NoticeFilter(ListFilterSet):
    """Those that wait or were read, by their tone and day."""

    unread = YesNoFilter(field_name="read_at", lookup_expr="isnull", label=_("Unread"))
    tone = django_filters.ChoiceFilter(label=_("Kind"), choices=Tone.choices, empty_label=_("Any kind"))
    created = DaysFilter(field_name="created_at", label=_("Day"))

    class Meta:
        model = apps.get_model("access", "Notice")
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in it."""
        return rows.filter(text__icontains=text)


NOTICES = Listing(
    name="notices",
    model=apps.get_model("access", "Notice"),
    title=_("Notices"),
    url_name="notices:list",
    rows=mine,
    filterset=NoticeFilter,
    order=("-id",),
    roles=(),
    allows=lambda user: bool(user.is_authenticated and user.is_active),
    count=lambda count: ngettext("%(count)s notice", "%(count)s notices", count) % {"count": f"{count:,}"},
    placeholder=_("Words in it"),
    bar=("unread", "tone"),
    template="notices/list.html",
    body="notices/_rows.html",
    groups=False,
    columns=(
        Column(name="text", label=_("text")),
        Column(name="tone", label=_("kind"), kind=Kind.CHOICE),
        Column(name="created_at", label=_("when"), kind=Kind.MOMENT),
        Column(name="read_at", label=_("read"), kind=Kind.MOMENT),
    ),
    empty=Empty(
        icon="bell",
        title=_("Nothing to tell you"),
        text=_(
            "What concerns you and happens elsewhere is said here: a task given to you, a job of yours that is done, "
            "news from the other system."
        ),
        none_title=_("No notice fits"),
        none_text=_("Try fewer words, or those you have read already."),
    ),
)
