from django.contrib import admin

from base.admin import ApiTokenAdmin, PersonAdmin

from .models import ApiToken, User

admin.site.register(User, PersonAdmin)
admin.site.register(ApiToken, ApiTokenAdmin)
