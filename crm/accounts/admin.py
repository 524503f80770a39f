"""Accounts for administrators; saved through the services, so that the ERP hears of it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from base.admin import HistoryAdmin, TieredInline
from crm.accounts import services
from crm.accounts.models import Account, Contact, PoolPolicy

FROM_ERP = (
    "registered",
    "registered_at",
    "party_code",
    "payment_terms_days",
    "commercial_tier",
    "credit_class",
    "credit_band",
    "credit_as_of",
)
EDITABLE = tuple(name for name in (*services.MASTER_FIELDS, *services.OWN_FIELDS) if name != "custom")


class ContactInline(TieredInline):
    """People are looked at here; they are changed in their own list."""

    model = Contact
    extra = 0
    can_delete = False
    show_change_link = True
    readonly_fields = services.CONTACT_FIELDS

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Account)
class AccountAdmin(HistoryAdmin):
    """Master data with its history; what the ERP says is read-only."""

    list_display = ("name", "city", "country", "owner", "registered", "party_code", "credit_band", "updated_at")
    list_filter = ("registered", "credit_band", "tier", "country")
    list_select_related = ("owner",)
    search_fields = ("name", "external_ref", "party_code", "city", "email")
    autocomplete_fields = ("owner",)
    fields = (*EDITABLE, "version", *FROM_ERP, "created_at", "updated_at")
    readonly_fields = ("version", *FROM_ERP, "created_at", "updated_at")
    inlines = (ContactInline,)

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        told = {name: form.cleaned_data[name] for name in EDITABLE}
        if change:
            services.update_account(obj, **told)
        else:
            obj.pk = services.create_account(id=obj.pk, **told).pk

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Contact)
class ContactAdmin(HistoryAdmin):
    """People, one by one."""

    list_display = ("name", "account", "title", "email", "phone")
    list_select_related = ("account",)
    search_fields = ("name", "email", "phone", "account__name")
    autocomplete_fields = ("account",)
    fields = ("account", *services.CONTACT_FIELDS)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("account",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Contact, form: Any, change: bool) -> None:
        told = {name: form.cleaned_data[name] for name in services.CONTACT_FIELDS}
        if change:
            services.update_contact(obj, **told)
        else:
            services.add_contact(obj.account, id=obj.pk, **told)

    def delete_model(self, request: HttpRequest, obj: Contact) -> None:
        services.remove_contact(obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for contact in queryset:
            services.remove_contact(contact)


@admin.register(PoolPolicy)
class PoolPolicyAdmin(HistoryAdmin):
    """There is one."""

    list_display = ("__str__", "claims_most", "claims_days", "back_days", "idle_days", "warn_days")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not PoolPolicy.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
