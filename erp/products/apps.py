from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "erp.products"
    label = "products"
