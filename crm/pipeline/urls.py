from django.urls import path

from crm.pipeline import approval_views, board_views, line_views, quote_views, views

app_name = "pipeline"
urlpatterns = [
    path("", board_views.board, name="board"),
    path("totals/", board_views.totals, name="totals"),
    path("list/", board_views.deals, name="list"),
    path("figures/", board_views.figures, name="figures"),
    path("outcomes/", board_views.outcomes, name="outcomes"),
    path("new/", views.new, name="new"),
    path("new/<uuid:account>/", views.new, name="new-with"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/life/", views.life, name="life"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/step/", views.step, name="step"),
    path("<uuid:pk>/move/", views.move, name="move"),
    path("<uuid:pk>/win/", views.win, name="win"),
    path("<uuid:pk>/lose/", views.lose, name="lose"),
    path("<uuid:pk>/reopen/", views.reopen, name="reopen"),
    path("<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:pk>/deposit/", views.deposit, name="deposit"),
    path("<uuid:pk>/products/", line_views.products, name="products"),
    path("<uuid:pk>/lines/", line_views.add, name="line-add"),
    path("<uuid:pk>/lines/free/", line_views.add_free, name="line-free"),
    path("<uuid:pk>/prices/", line_views.prices, name="prices"),
    path("<uuid:pk>/approval/", approval_views.ask, name="approval-ask"),
    path("<uuid:pk>/quote/", quote_views.new, name="quote-new"),
    path("approvals/", approval_views.waiting, name="approvals"),
    path("approvals/<uuid:pk>/", approval_views.approval, name="approval"),
    path("approvals/<uuid:pk>/give/", approval_views.give, name="approval-give"),
    path("approvals/<uuid:pk>/refuse/", approval_views.refuse, name="approval-refuse"),
    path("quotes/<uuid:pk>/", quote_views.quote, name="quote"),
    path("quotes/<uuid:pk>/<slug:language>.pdf", quote_views.document, name="quote-pdf"),
    path("lines/<uuid:pk>/", line_views.change, name="line-change"),
    path("lines/<uuid:pk>/remove/", line_views.remove, name="line-remove"),
    path("lines/<uuid:pk>/approve/", line_views.approve, name="line-approve"),
]
