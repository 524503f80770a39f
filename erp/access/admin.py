from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from simple_history.admin import SimpleHistoryAdmin

from base.admin import ApiTokenAdmin, add_preferences

from .models import ApiToken, User

admin.site.register(User, add_preferences(type("SideUserAdmin", (SimpleHistoryAdmin, UserAdmin), {})))
admin.site.register(ApiToken, ApiTokenAdmin)
