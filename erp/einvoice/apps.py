import logging

from django.apps import AppConfig


class EinvoiceConfig(AppConfig):
    name = "erp.einvoice"
    label = "einvoice"

    def ready(self) -> None:
        for talkative in ("weasyprint", "factur-x", "fontTools"):  # a line or more for every page they set
            logging.getLogger(talkative).setLevel(logging.ERROR)
