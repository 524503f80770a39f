from django.urls import path

from erp.inventory import views

app_name = "inventory"
urlpatterns = [
    path("", views.stock, name="stock"),
    path("moves/", views.all_moves, name="all_moves"),
    path("receive/", views.receive, name="receive"),
    path("products/<uuid:pk>/", views.moves, name="moves"),
    path("products/<uuid:pk>/count/", views.count, name="count"),
]
