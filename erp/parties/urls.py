from django.urls import path

from erp.parties import views

app_name = "parties"
urlpatterns = [
    path("", views.party_list, name="list"),
    path("suppliers/new/", views.new_supplier, name="new"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/terms/", views.terms, name="terms"),
    path("<uuid:pk>/limit/approve/", views.approve_limit, name="approve_limit"),
    path("<uuid:pk>/limit/decline/", views.decline_limit, name="decline_limit"),
    path("<uuid:pk>/edit/", views.edit_supplier, name="edit"),
]
