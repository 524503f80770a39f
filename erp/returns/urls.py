from django.urls import path

from erp.returns import views

app_name = "returns"
urlpatterns = [
    path("", views.return_list, name="list"),
    path("of-order/<uuid:order>/", views.new, name="new"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/authorise/", views.authorise, name="authorise"),
    path("<uuid:pk>/refuse/", views.refuse, name="refuse"),
    path("<uuid:pk>/receive/", views.receive, name="receive"),
    path("<uuid:pk>/settle/", views.settle, name="settle"),
]
