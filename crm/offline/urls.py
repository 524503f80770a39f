from django.urls import path

from crm.offline import views

app_name = "offline"
urlpatterns = [
    path("sw.js", views.worker, name="worker"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("offline/app/", views.shell, name="shell"),
    path("offline/", views.ledger, name="ledger"),
    path("offline/clashes/<uuid:pk>/", views.decide, name="decide"),
]
