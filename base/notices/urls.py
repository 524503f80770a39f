from django.urls import path

from base.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.notice_list, name="list"),
    path("bell/", views.bell, name="bell"),
    path("read/", views.mark_read, name="read_all"),
    path("<uuid:pk>/", views.open_notice, name="open"),
    path("<uuid:pk>/read/", views.mark_read, name="read"),
]
