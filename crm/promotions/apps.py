from django.apps import AppConfig


class PromotionsConfig(AppConfig):
    name = "crm.promotions"
    label = "promotions"
