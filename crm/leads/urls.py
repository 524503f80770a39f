from django.urls import path

from crm.leads import views

app_name = "leads"
urlpatterns = [
    path("", views.lead_list, name="list"),
    path("new/", views.lead_new, name="new"),
    path("card/", views.card, name="card"),
    path("alike/", views.alike, name="alike"),
    path("<uuid:pk>/", views.lead_detail, name="detail"),
    path("<uuid:pk>/edit/", views.lead_edit, name="edit"),
    path("<uuid:pk>/tags/", views.tags, name="tags"),
    path("<uuid:pk>/log/<str:kind>/", views.log, name="log"),
    path("<uuid:pk>/give/", views.give, name="give"),
    path("<uuid:pk>/claim/", views.claim, name="claim"),
    path("<uuid:pk>/consent/", views.consent, name="consent"),
    path("<uuid:pk>/contacted/", views.move, {"verb": "contact"}, name="contact"),
    path("<uuid:pk>/qualify/", views.move, {"verb": "qualify"}, name="qualify"),
    path("<uuid:pk>/reopen/", views.move, {"verb": "reopen"}, name="reopen"),
    path("<uuid:pk>/lose/", views.lose, name="lose"),
    path("<uuid:pk>/convert/", views.convert, name="convert"),
    path("handovers/ask/", views.ask_handover, name="ask_handover"),
    path("handovers/<uuid:pk>/grant/", views.answer_handover, {"yes": True}, name="grant"),
    path("handovers/<uuid:pk>/decline/", views.answer_handover, {"yes": False}, name="decline"),
]
