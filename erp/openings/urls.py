from django.urls import URLPattern, URLResolver, path

from erp.openings import views

app_name = "openings"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.items, name="list"),
    path("balances/", views.days, name="days"),
    path("balances/<uuid:pk>/", views.balances, name="balances"),
    path("balances/<uuid:pk>/take-back/", views.take_back_balances, name="take_back_balances"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/pay/", views.pay, name="pay"),
    path("<uuid:pk>/take-back/", views.take_back, name="take_back"),
]
