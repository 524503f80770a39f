"""Settings of this side; what all sides share stands in base/settings.py."""

from base.settings import side_settings
from erp.navigation import NAVIGATION as NAVIGATION

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
