"""Settings of this side; what all sides share stands in base/settings.py."""

from pathlib import Path

from base.settings import side_settings
from erp.navigation import DEEDS as DEEDS
from erp.navigation import NAVIGATION as NAVIGATION
from erp.rights import FIELD_TIERS as FIELD_TIERS

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

_shared = side_settings("erp", DOMAINS)
globals().update(_shared)

# Our own names, spelled out for readers and for the type checker.
SIDE: str = _shared["SIDE"]
VAR_DIR: Path = _shared["VAR_DIR"]
KEYS_DIR: Path = _shared["KEYS_DIR"]
JWKS_FILE: Path = _shared["JWKS_FILE"]
PEERS: dict[str, str] = _shared["PEERS"]
RELAY_LANES: int = _shared["RELAY_LANES"]
