from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillsConfig(AppConfig):
    name = "erp.bills"
    label = "bills"

    def ready(self) -> None:
        from erp.bills import panels
        from erp.ledger import sources
        from erp.parties import trail as party_trail

        sources.register("bill", _("Bill"), "bills:detail")
        party_trail.add_section(15, panels.bills_of_party)
