from django.apps import AppConfig


class ProofConfig(AppConfig):
    name = "erp.proof"
    label = "proof"
