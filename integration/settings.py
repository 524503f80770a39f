"""Settings of this side; what all sides share stands in base/settings.py."""

from base.settings import side_settings
from integration.navigation import NAVIGATION as NAVIGATION

DOMAINS = [
    "integration.hub",
]

globals().update(side_settings("integration", DOMAINS))
