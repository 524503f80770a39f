from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "crm.catalogue"
    label = "catalogue"
