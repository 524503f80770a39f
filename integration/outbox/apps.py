from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "integration.outbox"
    label = "outbox"
