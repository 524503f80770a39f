from django.urls import path

from crm.today import views

app_name = "today"
urlpatterns = [
    path("", views.home, name="home"),
    path("today/news/", views.news, name="news"),
    path("new/", views.new, name="new"),
    path("log/", views.log, name="log"),
]
