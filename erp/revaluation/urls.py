from django.urls import path

from erp.revaluation import views

app_name = "revaluation"
urlpatterns = [
    path("", views.home, name="home"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/take-back/", views.take_back, name="take_back"),
]
