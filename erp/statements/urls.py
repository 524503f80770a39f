from django.urls import URLPattern, URLResolver, path

from erp.statements import views

app_name = "statements"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("<slug:code>/", views.statement, name="statement"),
    path("<slug:code>/<slug:row>/", views.row, name="row"),
]
