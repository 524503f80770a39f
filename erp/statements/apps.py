from django.apps import AppConfig


class StatementsConfig(AppConfig):
    name = "erp.statements"
    label = "statements"
