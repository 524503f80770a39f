from django.contrib import admin

from base.admin import ReadOnlyAdmin
from erp.proof.models import Finding, Run


class FindingInline(admin.TabularInline):
    """What was found."""

    model = Finding
    extra = 0
    can_delete = False
    fields = readonly_fields = ("code", "rows", "duration_ms", "error")


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Runs of the proof."""

    list_display = ("started_at", "asked_by", "checked", "broken")
    inlines = (FindingInline,)
