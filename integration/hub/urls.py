from django.urls import URLPattern, URLResolver, path

from integration.hub import alert_views, case_views, erasing_views, parked_views, step_views, views

app_name = "hub"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.monitor, name="monitor"),
    path("events/", views.events, name="events"),
    path("events/<uuid:pk>/", views.event, name="event"),
    path("deliveries/<uuid:pk>/retry/", views.retry, name="retry"),
    path("cases/", case_views.cases, name="cases"),
    path("cases/<uuid:pk>/", case_views.case, name="case"),
    path("cases/<uuid:pk>/decide/", case_views.decide, name="decide"),
    path("pauses/", case_views.pauses, name="pauses"),
    path("pauses/new/", case_views.pause, name="pause"),
    path("pauses/<int:pk>/", case_views.resume, name="resume"),
    path("steps/", step_views.steps, name="steps"),
    path("steps/<str:name>/take/", step_views.take_step, name="take_step"),
    path("observed/", step_views.observed, name="observed"),
    path("observed/<uuid:pk>/", step_views.observation, name="observation"),
    path("routes/<int:pk>/switch/", step_views.switch, name="switch"),
    path("grants/", step_views.grant, name="grant"),
    path("grants/<int:pk>/withdraw/", step_views.withdraw_grant, name="withdraw_grant"),
    path("deliveries/", parked_views.deliveries, name="deliveries"),
    path("parked/", parked_views.parked, name="parked"),
    path("parked/again/", parked_views.again, name="again"),
    path("try/", parked_views.try_one, name="try"),
    path("comparisons/", parked_views.comparisons, name="comparisons"),
    path("comparisons/now/", parked_views.compare, name="compare"),
    path("alerts/", alert_views.alerts, name="alerts"),
    path("alerts/silence/", alert_views.silence, name="silence"),
    path("mapping/", views.mapping, name="mapping"),
    path("erasures/", erasing_views.erasures, name="erasures"),
    path("keys/", views.keys, name="keys"),
]
