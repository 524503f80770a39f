from django.contrib import admin

from base.admin import ApiTokenAdmin, HistoryAdmin, PersonAdmin, TieredInline

from .models import ApiToken, Team, TeamMember, User


class MemberInline(TieredInline):
    """Who is in it, and who leads it."""

    model = TeamMember
    extra = 1
    autocomplete_fields = ("user",)


class TeamAdmin(HistoryAdmin):
    """Who sees whose work: the only place besides the API where that is said."""

    list_display = ("name", "parent")
    search_fields = ("name",)
    inlines = (MemberInline,)


admin.site.register(User, PersonAdmin)
admin.site.register(ApiToken, ApiTokenAdmin)
admin.site.register(Team, TeamAdmin)
