"""Settings of this side; what all sides share stands in base/settings.py."""

from base.settings import side_settings
from crm.navigation import NAVIGATION as NAVIGATION

DOMAINS = [
    "crm.catalogue",
    "crm.accounts",
    "crm.activities",
    "crm.pipeline",
    "crm.tickets",
    "crm.today",
]

globals().update(side_settings("crm", DOMAINS))
