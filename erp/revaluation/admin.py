from django.contrib import admin

from base.admin import ReadOnlyAdmin
from erp.revaluation.models import Revaluation


@admin.register(Revaluation)
class RevaluationAdmin(ReadOnlyAdmin):
    """Revaluations to look at."""

    list_display = ("day", "entry", "reversal", "recorded_by", "recorded_at")
    list_select_related = ("entry", "reversal")
    date_hierarchy = "day"
