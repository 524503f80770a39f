import logging

from django.apps import AppConfig


class EinvoiceConfig(AppConfig):
    name = "erp.einvoice"
    label = "einvoice"

    def ready(self) -> None:
        logging.getLogger("factur-x").setLevel(logging.ERROR)  # a line or more for every document
