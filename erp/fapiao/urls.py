from django.urls import path

from erp.fapiao import views

app_name = "fapiao"
urlpatterns = [
    path("", views.fapiao_list, name="list"),
    path("new/<uuid:invoice>/", views.new, name="new"),
    path("enter/<uuid:invoice>/", views.enter, name="enter"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/record/", views.record, name="record"),
    path("<uuid:pk>/red/", views.red, name="red"),
    path("<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
]
