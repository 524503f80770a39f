"""The list of everybody who has a user on this side, for its admins."""

from typing import Any

import django_filters
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, DaysFilter, Empty, Kind, ListFilterSet, Listing, YesNoFilter
from base.stepup import ADMINS


def roles() -> list[tuple[str, str]]:
    """The side's roles, as its people call them."""
    return [(name, name.replace("_", " ")) for name in Group.objects.order_by("name").values_list("name", flat=True)]


class PeopleFilter(ListFilterSet):
    """By role, by whether they may sign in, and since when they have not."""

    role = django_filters.ChoiceFilter(
        field_name="groups__name", label=_("Role"), choices=roles, empty_label=_("Any role")
    )
    active = YesNoFilter(field_name="is_active", label=_("May sign in"))
    last_login = DaysFilter(label=_("Last sign-in"))

    class Meta:
        model = get_user_model()
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in their user name, name or e-mail."""
        for word in text.split():
            rows = rows.filter(
                Q(username__icontains=word)
                | Q(first_name__icontains=word)
                | Q(last_name__icontains=word)
                | Q(email__icontains=word)
            )
        return rows


def people(user: Any) -> QuerySet[Any]:
    """Whom somebody may know, with their roles."""
    rows: QuerySet[Any] = get_user_model().objects.visible_to(user).prefetch_related("groups")
    return rows


def role_names(user: Any) -> list[str]:
    """The roles somebody has."""
    return sorted(group.name for group in user.groups.all())


def _status(user: Any) -> str:
    return _now("may sign in") if user.is_active else _now("switched off")


def _roles_cell(user: Any) -> SafeString:
    return format_html_join(", ", "{}", ((name.replace("_", " "),) for name in role_names(user)))


PEOPLE = Listing(
    name="people",
    model=get_user_model(),
    title=_("People"),
    url_name="account:people",
    rows=people,
    filterset=PeopleFilter,
    order=("username", "pk"),
    roles=ADMINS,
    count=lambda count: ngettext("%(count)s person", "%(count)s people", count) % {"count": f"{count:,}"},
    placeholder=_("Name, user name or e-mail"),
    bar=("role", "active"),
    buttons=(Button(_("Invite"), "account:invite", icon="user-plus"),),
    row_url=lambda user: reverse("account:person", args=[user.pk]),
    columns=(
        Column(name="username", label=_("user name")),
        Column(name="name", label=_("name"), value=lambda user: user.get_full_name(), sort="last_name"),
        Column(name="email", label=_("e-mail")),
        Column(
            name="roles", label=_("roles"), value=lambda user: ", ".join(role_names(user)), cell=_roles_cell,
            sort=False, fields=("groups",),
        ),
        Column(
            name="status", label=_("status"), kind=Kind.STATUS, source="is_active", value=_status, text=str,
            tone=lambda user: "good" if user.is_active else "quiet",
        ),
        Column(name="last_login", label=_("last sign-in"), kind=Kind.MOMENT),
        Column(name="date_joined", label=_("here since"), kind=Kind.MOMENT, shown=False),
        Column(name="language", label=_("language"), kind=Kind.CHOICE, group=True, shown=False),
    ),
    empty=Empty(
        icon="users",
        title=_("Nobody is here yet"),
        text=_("Invite the first person by mail; they set their own password."),
        none_title=_("Nobody fits"),
        none_text=_("Try fewer words or another role."),
    ),
)  # fmt: skip
