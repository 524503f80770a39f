from django.urls import path

from erp.parties import views

app_name = "parties"
urlpatterns = [
    path("", views.party_list, name="list"),
    path("suppliers/new/", views.new_supplier, name="new"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/terms/", views.terms, name="terms"),
    path("<uuid:pk>/edit/", views.edit_supplier, name="edit"),
]
