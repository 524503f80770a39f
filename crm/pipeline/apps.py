from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PipelineConfig(AppConfig):
    name = "crm.pipeline"
    label = "pipeline"
    verbose_name = _("Deals")

    def ready(self) -> None:
        """Tell the account page and the timeline what deals add to them."""
        from crm.pipeline import panels

        panels.register()
