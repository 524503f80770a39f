from django.urls import path

from integration.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("", views.endpoint_list, name="list"),
    path("deliveries/", views.deliveries, name="deliveries"),
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/rotate/", views.rotate, name="rotate"),
    path("<uuid:pk>/pause/", views.act, {"verb": "pause"}, name="pause"),
    path("<uuid:pk>/resume/", views.act, {"verb": "resume"}, name="resume"),
    path("<uuid:pk>/ping/", views.act, {"verb": "ping"}, name="ping"),
    path("<uuid:pk>/remove/", views.act, {"verb": "remove"}, name="remove"),
    path("deliveries/<uuid:pk>/redeliver/", views.redeliver, name="redeliver"),
]
