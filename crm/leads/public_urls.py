from django.urls import path

from crm.leads import public_views

app_name = "web_forms"
urlpatterns = [path("<slug:slug>/", public_views.web_form, name="form")]
