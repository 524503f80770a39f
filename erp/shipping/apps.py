from django.apps import AppConfig


class ShippingConfig(AppConfig):
    name = "erp.shipping"
    label = "shipping"
