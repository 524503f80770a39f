"""Addresses of what can be done with any list: `lists/<its name>/…`."""

from django.urls import path

from base.listing import changing

app_name = "listing"
urlpatterns = [
    path("<slug:name>/", changing.home, name="base"),
    path("<slug:name>/columns/", changing.arrange, name="arrange"),
    path("<slug:name>/views/", changing.save_view, name="save_view"),
    path("<slug:name>/views/<uuid:pk>/", changing.change_view, name="change_view"),
]
