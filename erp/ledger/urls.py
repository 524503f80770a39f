from django.urls import URLPattern, URLResolver, path

from erp.ledger import dimension_views, paper_views, views, voucher_views

app_name = "ledger"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.journal, name="journal"),
    path("lines/", views.lines, name="lines"),
    path("entries/<uuid:pk>/", views.entry, name="entry"),
    path("entries/<uuid:pk>/reverse/", views.reverse, name="reverse"),
    path("vouchers/", voucher_views.voucher_list, name="vouchers"),
    path("vouchers/new/", voucher_views.new, name="new_voucher"),
    path("vouchers/<uuid:pk>/", voucher_views.voucher, name="voucher"),
    path("vouchers/<uuid:pk>/move/", voucher_views.move, name="move_voucher"),
    path("vouchers/<uuid:pk>/papers/", paper_views.attach_to_voucher, name="attach_to_voucher"),
    path("entries/<uuid:pk>/papers/", paper_views.attach_to_entry, name="attach_to_entry"),
    path("papers/<uuid:pk>/", paper_views.paper, name="paper"),
    path("papers/<uuid:pk>/take-away/", paper_views.take_away, name="take_paper_away"),
    path("trial-balance/", views.trial, name="trial_balance"),
    path("accounts/", views.chart, name="chart"),
    path("accounts/new/", views.edit_account, name="new_account"),
    path("accounts/<uuid:pk>/edit/", views.edit_account, name="edit_account"),
    path("accounts/<str:ref>/", views.account, name="account"),
    path("dimensions/", dimension_views.dimension_list, name="dimensions"),
    path("dimensions/new/", dimension_views.new, name="new_dimension"),
    path("dimensions/<uuid:pk>/", dimension_views.dimension, name="dimension"),
    path("dimensions/<uuid:pk>/remove/", dimension_views.remove, name="remove_dimension"),
    path("plain-text/<str:dialect>/", views.plain_text, name="plain_text"),
    path("periods/", views.periods, name="periods"),
    path("periods/<uuid:pk>/", views.period, name="period"),
    path("periods/<uuid:pk>/move/", views.set_period, name="set_period"),
    path("periods/<uuid:pk>/end-year/", views.end_year, name="end_year"),
]
