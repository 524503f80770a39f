from django.urls import path

from erp.products import views

app_name = "products"
urlpatterns = [
    path("", views.product_list, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/price/", views.set_price, name="price"),
    path("<uuid:pk>/publish/", views.publish, name="publish"),
    path("<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
]
