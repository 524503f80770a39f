from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "erp.desk"
    label = "desk"
