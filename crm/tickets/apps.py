from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "crm.tickets"
    label = "tickets"
