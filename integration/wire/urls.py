"""Addresses of the wire as this side's admins see it: /wire/…"""

from django.urls import path

from integration.wire import views

app_name = "wire"
urlpatterns = [
    path("", views.incoming, name="incoming"),
    path("in/<uuid:pk>/", views.one_in, name="one_in"),
    path("in/<uuid:pk>/again/", views.again, name="again"),
    path("in/<uuid:pk>/like/", views.again_like, name="again_like"),
    path("in/<uuid:pk>/try/", views.try_one, name="try"),
    path("out/", views.outgoing, name="outgoing"),
    path("out/<uuid:pk>/", views.one_out, name="one_out"),
    path("out/<uuid:pk>/again/", views.send_again, name="send_again"),
    path("refused/", views.refusals, name="refusals"),
]
