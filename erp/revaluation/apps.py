from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RevaluationConfig(AppConfig):
    name = "erp.revaluation"
    label = "revaluation"

    def ready(self) -> None:
        from erp.ledger import sources

        sources.register("revaluation", _("Revaluation"), "revaluation:detail", keeps=True)
