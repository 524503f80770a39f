from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "erp.returns"
    label = "returns"
