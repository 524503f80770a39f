from django.urls import path

from integration.inbox import views

urlpatterns = [path("", views.events, name="events")]
