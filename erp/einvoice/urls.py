from django.urls import path

from erp.einvoice import views

app_name = "einvoice"
urlpatterns = [
    path("", views.received_list, name="list"),
    path("receive/", views.receive, name="receive"),
    path("letterhead/", views.letterhead, name="letterhead"),
    path("<uuid:pk>/", views.received, name="received"),
    path("<uuid:pk>/original/", views.original, name="original"),
]
