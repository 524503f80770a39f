from django.urls import path

from integration.hub.intake import events

urlpatterns = [path("", events, name="events")]
