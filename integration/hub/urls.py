from django.urls import URLPattern, URLResolver, path

from integration.hub import views

app_name = "hub"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.monitor, name="monitor"),
    path("monitor/live/", views.monitor_live, name="monitor_live"),
    path("events/", views.events, name="events"),
    path("events/<uuid:pk>/", views.event, name="event"),
    path("deliveries/<uuid:pk>/retry/", views.retry, name="retry"),
    path("mapping/", views.mapping, name="mapping"),
    path("keys/", views.keys, name="keys"),
]
