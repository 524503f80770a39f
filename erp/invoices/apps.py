from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    name = "erp.invoices"
    label = "invoices"
