from django.urls import path

from crm.catalogue import views

app_name = "catalogue"
urlpatterns = [
    path("", views.product_list, name="list"),
    path("<uuid:pk>/", views.product_detail, name="detail"),
]
