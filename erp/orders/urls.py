from django.urls import path

from erp.orders import views

app_name = "orders"
urlpatterns = [
    path("", views.order_list, name="list"),
    path("new/", views.new, name="new"),
    path("choices/parties/", views.choices, {"of": "parties"}, name="party_choices"),
    path("choices/products/", views.choices, {"of": "products"}, name="product_choices"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/confirm/", views.confirm, name="confirm"),
    path("<uuid:pk>/release/", views.release, name="release"),
    path("<uuid:pk>/refuse/", views.refuse_order, name="refuse"),
    path("<uuid:pk>/cancel/", views.cancel, name="cancel"),
    path("<uuid:pk>/allocate/", views.allocate, name="allocate"),
]
