"""Settings of this side; what all sides share stands in base/settings.py."""

from pathlib import Path

from base.settings import side_settings
from crm.navigation import DEEDS as DEEDS
from crm.navigation import NAVIGATION as NAVIGATION
from crm.rights import FIELD_TIERS as FIELD_TIERS

DOMAINS = [
    "crm.catalogue",
    "crm.accounts",
    "crm.activities",
    "crm.pipeline",
    "crm.tickets",
    "crm.today",
]

_shared = side_settings("crm", DOMAINS)
globals().update(_shared)

# Our own names, spelled out for readers and for the type checker.
SIDE: str = _shared["SIDE"]
VAR_DIR: Path = _shared["VAR_DIR"]
KEYS_DIR: Path = _shared["KEYS_DIR"]
JWKS_FILE: Path = _shared["JWKS_FILE"]
PEERS: dict[str, str] = _shared["PEERS"]
RELAY_LANES: int = _shared["RELAY_LANES"]
