from django.urls import path

from crm.tickets import views

app_name = "tickets"
urlpatterns = [
    path("", views.ticket_list, name="list"),
    path("new/", views.choose_account, name="choose_account"),
    path("new/<uuid:account_pk>/", views.ticket_new, name="new"),
    path("<uuid:pk>/", views.ticket_detail, name="detail"),
    path("<uuid:pk>/live/", views.live, name="live"),
    path("<uuid:pk>/reply/", views.reply, name="reply"),
    path("<uuid:pk>/assign/", views.assign, name="assign"),
    path("<uuid:pk>/take/", views.take, name="take"),
    path("<uuid:pk>/wait/", views.move, {"verb": "wait"}, name="wait"),
    path("<uuid:pk>/solve/", views.move, {"verb": "solve"}, name="solve"),
    path("<uuid:pk>/reopen/", views.move, {"verb": "reopen"}, name="reopen"),
    path("<uuid:pk>/return/", views.ask_return, name="ask_return"),
]
