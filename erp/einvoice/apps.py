from django.apps import AppConfig


class EinvoiceConfig(AppConfig):
    name = "erp.einvoice"
    label = "einvoice"
