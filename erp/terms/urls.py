from django.urls import path

from erp.terms import views

app_name = "terms"
urlpatterns = [
    path("", views.terms_list, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.edit, name="edit"),
    path("<uuid:pk>/remove/", views.remove, name="remove"),
]
