from django.urls import path, register_converter
from django.urls.converters import StringConverter

from erp.invoices import statement_views, views
from erp.invoices.files import FORMS


class DocumentForm(StringConverter):
    """A form that an invoice can be had in."""

    regex = "|".join(FORMS)


register_converter(DocumentForm, "documentform")

app_name = "invoices"
urlpatterns = [
    path("", views.invoice_list, name="list"),
    path("waiting/", views.waiting, name="waiting"),
    path("aging/", views.aging, name="aging"),
    path("statement/<uuid:party>/", statement_views.page, name="statement"),
    path("statement/<uuid:party>/<str:form>/", statement_views.file, name="statement_file"),
    path("sales/", views.sales, name="sales"),
    path("issue/<uuid:order>/", views.issue, name="issue"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/<documentform:form>/", views.document, name="document"),
    path("<uuid:pk>/payment/", views.pay, name="pay"),
    path("rest/<uuid:receipt>/use/", views.use_rest, name="use_rest"),
    path("rest/<uuid:receipt>/refund/", views.refund_rest, name="refund_rest"),
    path("<uuid:pk>/refund/", views.refund, name="refund"),
]
