"""The names and types of our own settings, for the type checker only; `side_settings` gives them their values."""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

SIDE: str
VAR_DIR: Path
KEYS_DIR: Path
JWKS_FILE: Path
PEERS: dict[str, str]
MIGRATION_LOCK_SECONDS: int
RELAY_LANES: int
REQUIRE_MFA: bool
TRUSTED_PROXIES: list[IPv4Network | IPv6Network] | None
AXES_COOLOFF_TIME: timedelta
API_BODY_BYTES_MAX: int
API_RATE_USER: int
API_RATE_ANONYMOUS: int
API_REQUIRE_IF_MATCH: bool
IDEMPOTENCY_KEPT_DAYS: int
OFFLINE_PACK_HOURS: int
METER_KEPT_DAYS: int
METRICS_TOKEN: str
CURRENCY: str
CELERY_TASK_DEFAULT_QUEUE: str
STEP_UP_SECONDS: int
HANDLER_SECONDS: int
RELAY_STALLED_SECONDS: int
INTAKE_WAITING_MAX: int
INTAKE_LOOK_SECONDS: int
WEBHOOK_ALLOW_PRIVATE: bool
ROOT_URLCONF: str
