"""Django admin, shared by the sides."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


def add_preferences(user_admin: Any) -> Any:
    """Show language, theme and time zone with the user."""
    user_admin.fieldsets = (
        *user_admin.fieldsets,
        (_("Preferences"), {"fields": ("language", "theme", "time_zone")}),
    )
    return user_admin


class ApiTokenAdmin(admin.ModelAdmin):
    """Tokens are made here; the secret is shown once."""

    list_display = ("name", "user", "created_at", "expires_at", "last_used_at")
    fields = ("user", "name", "expires_at", "created_at", "last_used_at")
    readonly_fields = ("created_at", "last_used_at")
    autocomplete_fields = ("user",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        token, secret = type(obj).issue(obj.user, obj.name)
        token.expires_at = obj.expires_at
        token.save(update_fields=["expires_at"])
        obj.pk = token.pk
        messages.warning(request, _("The token, shown only now: {secret}").format(secret=secret))


class ReadOnlyAdmin(admin.ModelAdmin):
    """For what nobody may edit: look, search, never change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
