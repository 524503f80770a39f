from django.urls import URLPattern, URLResolver, path, re_path

from erp.recurring import views

app_name = "recurring"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.recurring_list, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/take/", views.take, name="take"),
    re_path(r"^(?P<pk>[0-9a-f-]{36})/(?P<step>pause|resume|end)/$", views.move, name="move"),
]
