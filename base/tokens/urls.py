from django.urls import path

from base.tokens import views

app_name = "tokens"
urlpatterns = [
    path("", views.token_list, name="list"),
    path("<uuid:pk>/revoke/", views.revoke, name="revoke"),
]
