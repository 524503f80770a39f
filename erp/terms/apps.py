from django.apps import AppConfig


class TermsConfig(AppConfig):
    name = "erp.terms"
    label = "terms"
