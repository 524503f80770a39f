from django.urls import URLPattern, URLResolver, path

from erp.tax import views

app_name = "tax"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.rates, name="rates"),
    path("profile/", views.profile, name="profile"),
    path("returns/", views.return_list, name="returns"),
    path("returns/next/", views.draw, name="draw"),
    path("returns/file/", views.file, name="file"),
    path("returns/<uuid:pk>/", views.vat_return, name="return"),
    path("returns/<uuid:pk>/reopen/", views.reopen, name="reopen"),
]
