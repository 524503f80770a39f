"""Settings of this side; what all sides share stands in base/settings.py."""

from pathlib import Path

from base.env import env_list, env_text
from base.settings import side_settings
from integration.navigation import DEEDS as DEEDS
from integration.navigation import NAVIGATION as NAVIGATION
from integration.rights import FIELD_TIERS as FIELD_TIERS

DOMAINS = [
    "integration.hub",
]

_shared = side_settings("integration", DOMAINS)
globals().update(_shared)

# Our own names, spelled out for readers and for the type checker.
SIDE: str = _shared["SIDE"]
VAR_DIR: Path = _shared["VAR_DIR"]
KEYS_DIR: Path = _shared["KEYS_DIR"]
JWKS_FILE: Path = _shared["JWKS_FILE"]
# Whom alerts are written to, and where they are posted; both may be empty: the interface always shows them.
ALERT_EMAILS: list[str] = env_list("ALERT_EMAILS", "")
ALERT_WEBHOOK_URL: str = env_text("ALERT_WEBHOOK_URL", "")
PEERS: dict[str, str] = _shared["PEERS"]
RELAY_LANES: int = _shared["RELAY_LANES"]
