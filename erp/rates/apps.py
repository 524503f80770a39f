from django.apps import AppConfig


class RatesConfig(AppConfig):
    name = "erp.rates"
    label = "rates"
