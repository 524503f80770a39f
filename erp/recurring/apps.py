from django.apps import AppConfig


class RecurringConfig(AppConfig):
    name = "erp.recurring"
    label = "recurring"
