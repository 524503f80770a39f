"""Addresses of this side's signing keys: /signing-keys/…"""

from django.urls import path, re_path

from integration.outbox import key_views

app_name = "signing_keys"
urlpatterns = [
    path("", key_views.key_list, name="list"),
    re_path(r"^(?P<step>next|activate|retire|revoke)/(?P<which>[\w-]{1,64})/$", key_views.move, name="move"),
]
