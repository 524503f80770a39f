from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpeningsConfig(AppConfig):
    name = "erp.openings"
    label = "openings"

    def ready(self) -> None:
        from erp.ledger import sources
        from erp.openings import panels
        from erp.parties import trail as party_trail

        sources.register("opening", _("Opening balances"), "openings:balances", keeps=True)
        sources.register("opening_item", _("Opening item"), "openings:detail", keeps=True)
        party_trail.add_section(12, panels.items_of_party)
