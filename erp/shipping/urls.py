from django.urls import path

from erp.shipping import views

app_name = "shipping"
urlpatterns = [
    path("", views.shipment_list, name="list"),
    path("waiting/", views.waiting, name="waiting"),
    path("new/<uuid:order>/", views.new, name="new"),
    path("new/<uuid:order>/top-up/", views.top_up, name="top_up"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/correct/", views.correct, name="correct"),
    path("<uuid:pk>/note/", views.note, name="note"),
]
