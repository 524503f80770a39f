from django.urls import URLPattern, URLResolver, path

from erp.desk import views

app_name = "desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("desk/live/", views.live, name="live"),
    path("desk/<slug:name>/", views.queue, name="queue"),
]
