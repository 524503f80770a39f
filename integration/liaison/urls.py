from django.urls import URLPattern, URLResolver, path

from integration.liaison import views

app_name = "liaison"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.amendments, name="amendments"),
    path("<uuid:pk>/", views.amendment, name="amendment"),
]
