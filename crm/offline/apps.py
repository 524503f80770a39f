from django.apps import AppConfig


class OfflineConfig(AppConfig):
    name = "crm.offline"
    label = "offline"
