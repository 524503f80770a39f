from django.apps import AppConfig


class TaxConfig(AppConfig):
    name = "erp.tax"
    label = "tax"
