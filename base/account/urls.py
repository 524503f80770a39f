"""Addresses of one's account: /account/…"""

from django.urls import path

from base.account import people_views, views

app_name = "account"
urlpatterns = [
    path("people/", people_views.people_list, name="people"),
    path("people/invite/", people_views.person_new, name="invite"),
    path("people/<int:pk>/", people_views.person, name="person"),
    path("people/<int:pk>/switch/", people_views.person_switch, name="switch"),
    path("people/<int:pk>/unlock/", people_views.person_unlock, name="unlock"),
    path("preferences/", views.preferences, name="preferences"),
    path("sessions/", views.session_list, name="sessions"),
    path("sessions/end-others/", views.session_end_others, name="end_others"),
    path("sessions/<uuid:pk>/end/", views.session_end, name="end"),
    path("password/", views.PasswordChange.as_view(), name="password"),
    path("forgotten/", views.Forgotten.as_view(), name="forgotten"),
    path("forgotten/sent/", views.ForgottenSent.as_view(), name="forgotten_sent"),
    path("forgotten/<uidb64>/<token>/", views.NewPassword.as_view(), name="new_password"),
]
