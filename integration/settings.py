"""Settings of this side; what all sides share stands in base/settings.py."""

from typing import TYPE_CHECKING

from base.env import env_list, env_text
from base.settings import side_settings
from integration.navigation import DEEDS as DEEDS
from integration.navigation import NAVIGATION as NAVIGATION
from integration.rights import FIELD_TIERS as FIELD_TIERS

if TYPE_CHECKING:
    from base.own_settings import *  # noqa: F403 -- their names and types

DOMAINS = [
    "integration.hub",
]

# What the API calls the choices of fields that several records name alike.
ENUMS = {
    "CaseStateEnum": "integration.hub.case_models.CaseState",
    "DeliveryStateEnum": "integration.lanes.WorkState",
}

globals().update(side_settings("integration", DOMAINS, ENUMS))

# Whom alerts are written to, and where they are posted; both may be empty: the interface always shows them.
ALERT_EMAILS: list[str] = env_list("ALERT_EMAILS", "")
ALERT_WEBHOOK_URL: str = env_text("ALERT_WEBHOOK_URL", "")
