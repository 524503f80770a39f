from django.urls import path

from erp.rates import views

app_name = "rates"
urlpatterns = [
    path("", views.rate_list, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.edit, name="edit"),
    path("<uuid:pk>/remove/", views.remove, name="remove"),
]
