from django.urls import URLPattern, URLResolver, path, re_path

from erp.bills import views

app_name = "bills"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.bill_list, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/pay/", views.pay, name="pay"),
    re_path(r"^(?P<pk>[0-9a-f-]{36})/(?P<step>post|discard)/$", views.move, name="move"),
]
