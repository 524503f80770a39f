from django.urls import path, re_path

from base.exchange import views

app_name = "exchange"
urlpatterns = [
    path("", views.home, name="home"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/map/", views.map_columns, name="map"),
    path("<uuid:pk>/words/", views.read_as, name="read_as"),
    path("<uuid:pk>/reread/", views.reread, name="reread"),
    path("<uuid:pk>/bad-rows/", views.bad_rows, name="bad_rows"),
    re_path("^(?P<pk>[0-9a-f-]{36})/(?P<verb>check|start|undo|remap)/$", views.act, name="act"),
    path("<slug:key>/", views.upload, name="upload"),
    re_path(r"^(?P<key>[a-z-]+)/template\.(?P<kind>csv|xlsx)$", views.template, name="template"),
]
