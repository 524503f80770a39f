"""Settings of this side; what all sides share stands in base/settings.py."""

from typing import TYPE_CHECKING

from base.settings import side_settings
from erp.navigation import DEEDS as DEEDS
from erp.navigation import NAVIGATION as NAVIGATION
from erp.rights import FIELD_TIERS as FIELD_TIERS

if TYPE_CHECKING:
    from base.own_settings import *  # noqa: F403 -- their names and types

DOMAINS = [
    "erp.ledger",
    "erp.tax",
    "erp.parties",
    "erp.products",
    "erp.inventory",
    "erp.orders",
    "erp.shipping",
    "erp.banking",
    "erp.invoices",
    "erp.returns",
    "erp.desk",
]

globals().update(side_settings("erp", DOMAINS))
