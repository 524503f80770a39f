from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from base.admin import ApiTokenAdmin, HistoryAdmin, add_preferences

from .models import ApiToken, User

admin.site.register(User, add_preferences(type("SideUserAdmin", (HistoryAdmin, UserAdmin), {})))
admin.site.register(ApiToken, ApiTokenAdmin)
