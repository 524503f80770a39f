from django.urls import path

from erp.banking import views

app_name = "banking"
urlpatterns = [
    path("receipts/", views.receipts, name="receipts"),
    path("receipts/<uuid:pk>/", views.receipt, name="receipt"),
    path("deposits/", views.deposits, name="deposits"),
    path("deposits/new/", views.new_deposit, name="new_deposit"),
    path("deposits/<uuid:pk>/", views.deposit, name="deposit"),
    path("deposits/<uuid:pk>/book/", views.book, name="book"),
    path("deposits/<uuid:pk>/dismiss/", views.dismiss, name="dismiss"),
    path("deposits/<uuid:pk>/refund/", views.refund, name="refund"),
]
