from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "erp.parties"
    label = "parties"

    def ready(self) -> None:
        from erp.parties.services import follow_terms  # models need the app registry
        from erp.terms.following import CHANGED

        CHANGED.append(follow_terms)
