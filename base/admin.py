"""Django admin, shared by the sides."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from base.account import people
from base.refusals import NotAllowed
from base.stepup import require_step_up
from base.tiers import hidden_fields, hidden_path
from base.zones import ZoneField


class KnownAutocomplete(AutocompleteSelect):
    """Shows what was chosen; what can be no key is nothing chosen, and the field says so instead of breaking down."""

    def optgroups(self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None) -> Any:
        key = self.field.remote_field.model._meta.pk
        return super().optgroups(name, [one for one in value if one in ("", None) or _can_be(key, one)], attrs)


def _can_be(key: Any, value: Any) -> bool:
    try:
        key.to_python(value)
    except ValidationError:
        return False
    return True


class TieredForms:
    """Forms and inlines of the admin without the fields that the person may not see."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs["widget"] = KnownAutocomplete(db_field, self.admin_site)  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._seen(request, super().get_readonly_fields(request, obj))  # type: ignore[misc]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        hidden = sorted(hidden_fields(request.user, self.model))  # type: ignore[attr-defined]
        given = super().get_exclude(request, obj)  # type: ignore[misc]
        return [*(given or ()), *hidden] if hidden else given

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [
            (title, {**options, "fields": self._seen(request, options["fields"])})
            for title, options in super().get_fieldsets(request, obj)  # type: ignore[misc]
        ]

    def _seen(self, request: HttpRequest, names: Any) -> Any:
        return [
            name
            for name in names
            if not (isinstance(name, str) and hidden_path(request.user, self.model, name.lstrip("^=@")))  # type: ignore[attr-defined]
        ]


class TieredAdmin(TieredForms, admin.ModelAdmin):
    """The admin's lists, filters, order and searches, too, know only what the person may see.

    What takes records away, one or many, asks for a fresh proof.
    """

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST":
            require_step_up(request)
        return super().changelist_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST":
            require_step_up(request)
        return super().delete_view(request, *args, **kwargs)

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._seen(request, super().get_list_display(request))

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self._seen(request, super().get_list_filter(request))

    def get_search_fields(self, request: HttpRequest) -> Any:
        return self._seen(request, super().get_search_fields(request))

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """No filter typed into the address either."""
        hidden = request is not None and hidden_path(request.user, self.model, lookup)
        return not hidden and bool(super().lookup_allowed(lookup, value, request))


class TieredInline(TieredForms, admin.TabularInline):
    """Lines under their record."""


class HistoryAdmin(TieredAdmin, SimpleHistoryAdmin):
    """With the record's history, whose differences respect the tiers too.

    Looked at only: going back is a verb of the domain, with its checks and reasons, not a form of old values.
    """

    def history_form_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "GET":
            raise NotAllowed()
        return super().history_form_view(request, *args, **kwargs)

    def set_history_delta_changes(
        self, request: HttpRequest, historical_records: Any, foreign_keys_are_objs: bool = True
    ) -> None:
        hidden = hidden_fields(request.user, self.model)
        for current, before in pairwise(historical_records):
            delta = current.diff_against(before, excluded_fields=hidden, foreign_keys_are_objs=foreign_keys_are_objs)
            helper = self.get_historical_record_context_helper(request, current)
            current.history_delta_changes = helper.context_for_delta_changes(delta)


class PersonAdmin(HistoryAdmin, UserAdmin):
    """Users: a change asks for a fresh proof; who is switched off is signed out and keyless at once."""

    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        (_("Preferences"), {"fields": ("language", "theme", "time_zone")}),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A time zone that there is: each of the person's pages is written by its clock."""
        if db_field.name == "time_zone":
            return db_field.formfield(form_class=ZoneField)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST":
            require_step_up(request)
        return super().changeform_view(request, *args, **kwargs)

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST":
            require_step_up(request)
        return super().user_change_password(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and not obj.is_active:
            people.end_everything(obj)


class ReadOnlyAdmin(TieredAdmin):
    """For what nobody may edit: look, search, never change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ApiTokenAdmin(ReadOnlyAdmin):
    """Who holds which keys; a person makes their own, an administrator may end any."""

    list_display = ("name", "user", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at")
    list_filter = ("revoked_at",)
    search_fields = ("name", "user__username")
    fields = ("user", "name", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at")
    actions = ("revoke",)

    @admin.action(description=_("Revoke"), permissions=["view"])
    def revoke(self, request: HttpRequest, tokens: Any) -> None:
        """End them now."""
        if not request.user.has_perm("access.delete_apitoken"):
            raise NotAllowed()
        ended = tokens.filter(revoked_at=None).update(revoked_at=timezone.now())
        messages.success(request, _("{n} tokens revoked.").format(n=ended))
