from django.urls import path

from crm.activities import views

app_name = "activities"
urlpatterns = [
    path("timeline/", views.live_timeline, name="timeline"),
    path("log/<str:kind>/<uuid:account_pk>/", views.log, name="log"),
    path("visit/<uuid:account_pk>/", views.log, {"kind": "visit"}, name="visit"),
    path("call/<uuid:account_pk>/", views.log, {"kind": "call"}, name="call"),
    path("note/<uuid:account_pk>/", views.log, {"kind": "note"}, name="note"),
    path("photos/<uuid:pk>/", views.photo, name="photo"),
    path("photos/<uuid:pk>/small/", views.photo_small, name="photo_small"),
    path("recordings/<uuid:pk>/", views.recording, name="recording"),
    path("steps/<uuid:account_pk>/", views.steps, name="steps"),
    path("steps/<uuid:pk>/done/", views.finish_step, name="finish_step"),
]
