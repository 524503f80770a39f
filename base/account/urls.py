"""Addresses of one's account: /account/…"""

from django.urls import path

from base.account import views

app_name = "account"
urlpatterns = [
    path("sessions/", views.session_list, name="sessions"),
    path("sessions/end-others/", views.session_end_others, name="end_others"),
    path("sessions/<uuid:pk>/end/", views.session_end, name="end"),
    path("password/", views.PasswordChange.as_view(), name="password"),
    path("forgotten/", views.Forgotten.as_view(), name="forgotten"),
    path("forgotten/sent/", views.ForgottenSent.as_view(), name="forgotten_sent"),
    path("forgotten/<uidb64>/<token>/", views.NewPassword.as_view(), name="new_password"),
]
