from django.urls import path

from crm.accounts import access_views, custom_views, merge_views, pool_views, share_views, tag_views, views

app_name = "accounts"
urlpatterns = [
    path("", views.account_list, name="list"),
    path("new/", views.account_new, name="new"),
    path("<uuid:pk>/", views.account_detail, name="detail"),
    path("<uuid:pk>/edit/", views.account_edit, name="edit"),
    path("<uuid:pk>/claim/", pool_views.claim, name="claim"),
    path("<uuid:pk>/give-back/", pool_views.give_back, name="give_back"),
    path("<uuid:pk>/access/", access_views.access, name="access"),
    path("<uuid:pk>/share/", share_views.share, name="share"),
    path("<uuid:pk>/shares/", share_views.share_list, name="shares"),
    path("shares/<uuid:pk>/end/", share_views.share_end, name="share_end"),
    path("<uuid:pk>/tags/", tag_views.account_tags, name="tags"),
    path("tags/", tag_views.tag_list, name="tag_list"),
    path("fields/", custom_views.field_list, name="field_list"),
    path("fields/new/", custom_views.field_new, name="field_new"),
    path("fields/<uuid:pk>/", custom_views.field_edit, name="field_edit"),
    path("fields/<uuid:pk>/remove/", custom_views.field_remove, name="field_remove"),
    path("pool/", pool_views.pool_list, name="pool"),
    path("pool/<uuid:pk>/", pool_views.pool_account, name="pool_account"),
    path("<uuid:pk>/merge/", merge_views.account_merge, name="account_merge"),
    path("merges/<uuid:pk>/split/", merge_views.split, name="split"),
    path("<uuid:pk>/facts/", views.fact_list, name="facts"),
    path("<uuid:pk>/contacts/", views.contact_list, name="contacts"),
    path("<uuid:pk>/contacts/new/", views.contact_new, name="contact_new"),
    path("contacts/", views.all_contacts, name="all_contacts"),
    path("contacts/<uuid:pk>/", views.contact_edit, name="contact_edit"),
    path("contacts/<uuid:pk>/merge/", merge_views.contact_merge, name="contact_merge"),
    path("contacts/<uuid:pk>/remove/", views.contact_remove, name="contact_remove"),
]
