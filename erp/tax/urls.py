from django.urls import URLPattern, URLResolver, path

from erp.tax import views

app_name = "tax"
urlpatterns: list[URLPattern | URLResolver] = [path("", views.rates, name="rates")]
