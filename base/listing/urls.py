"""Addresses of what can be done with any list: `lists/<its name>/…`."""

from django.urls import path

from base.listing import acting, changing

app_name = "listing"
urlpatterns = [
    path("changes/<uuid:pk>/undo/", acting.undo, name="undo"),
    path("<slug:name>/", changing.home, name="base"),
    path("<slug:name>/columns/", changing.arrange, name="arrange"),
    path("<slug:name>/views/", changing.save_view, name="save_view"),
    path("<slug:name>/export/<slug:file_format>/", acting.export, name="export"),
    path("<slug:name>/bulk/<slug:action>/", acting.bulk, name="bulk"),
    path("<slug:name>/rows/<str:pk>/<slug:column>/", acting.cell, name="cell"),
    path("<slug:name>/views/<uuid:pk>/", changing.change_view, name="change_view"),
]
