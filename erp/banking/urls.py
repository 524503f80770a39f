from django.urls import URLPattern, URLResolver

app_name = "banking"
urlpatterns: list[URLPattern | URLResolver] = []
