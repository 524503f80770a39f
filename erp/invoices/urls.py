from django.urls import path

from erp.invoices import views

app_name = "invoices"
urlpatterns = [
    path("", views.invoice_list, name="list"),
    path("waiting/", views.waiting, name="waiting"),
    path("aging/", views.aging, name="aging"),
    path("sales/", views.sales, name="sales"),
    path("issue/<uuid:order>/", views.issue, name="issue"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/payment/", views.pay, name="pay"),
    path("<uuid:pk>/refund/", views.refund, name="refund"),
]
