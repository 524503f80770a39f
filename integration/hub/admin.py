from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.admin import HistoryAdmin, ReadOnlyAdmin
from base.refusals import Refused
from integration.hub.models import Archived, Delivery, Mapping, Quarantined, Route
from integration.hub.routing import switch
from integration.lanes import retry_parked


@admin.register(Route)
class RouteAdmin(HistoryAdmin):
    """Routes come from the contracts; people only switch them, and the history says who did."""

    list_display = ("contract", "source", "destination", "phase")
    list_filter = ("phase", "source", "destination")
    search_fields = ("contract",)
    readonly_fields = ("contract", "source", "destination")

    def save_model(self, request: HttpRequest, obj: Route, form: Any, change: bool) -> None:
        try:
            switch(obj, form.cleaned_data["phase"])
        except Refused as refusal:
            messages.error(request, str(refusal))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Archived)
class ArchivedAdmin(ReadOnlyAdmin):
    list_display = ("archived_at", "type", "source", "partition_key", "aggregate_seq", "keyid")
    list_filter = ("source", "type")
    search_fields = ("=partition_key", "=correlation_id")
    exclude = ("body",)
    date_hierarchy = "archived_at"
    show_full_result_count = False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "event", "destination", "state", "attempts", "answered", "finished_at")
    list_filter = ("state", "destination")
    list_select_related = ("event",)
    show_full_result_count = False
    actions = ("send_again",)

    @admin.action(description=_("Send parked deliveries again"))
    def send_again(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
        """Each parked one of the chosen starts anew; the others stay as they are."""
        count = sum(retry_parked(Delivery, delivery.pk) for delivery in chosen)
        text = ngettext(
            "%(count)d delivery is on its way again.", "%(count)d deliveries are on their way again.", count
        )
        messages.success(request, text % {"count": count})


@admin.register(Mapping)
class MappingAdmin(ReadOnlyAdmin):
    list_display = ("party", "name", "customer", "created_at")
    search_fields = ("party", "name")
    list_select_related = ("evidence",)


@admin.register(Quarantined)
class QuarantinedAdmin(ReadOnlyAdmin):
    list_display = ("received_at", "sender", "status", "code", "reason")
    list_filter = ("code", "status")
