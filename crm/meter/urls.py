from django.urls import path

from crm.meter import views

app_name = "meter"
urlpatterns = [
    path("", views.entry, name="entry"),
    path("<str:table>.csv", views.table, name="table"),
]
