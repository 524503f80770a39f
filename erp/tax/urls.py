from django.urls import URLPattern, URLResolver

app_name = "tax"
urlpatterns: list[URLPattern | URLResolver] = []
