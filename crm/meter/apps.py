from django.apps import AppConfig


class MeterConfig(AppConfig):
    name = "crm.meter"
    label = "meter"
