from django.urls import path

from erp.proof import views

app_name = "proof"
urlpatterns = [
    path("", views.home, name="home"),
    path("runs/", views.runs, name="runs"),
    path("start/", views.start, name="start"),
    path("<uuid:pk>/", views.run, name="run"),
]
