"""Loaded before Django's settings (`-p tests.environment`): a PostgreSQL of the tests' own, and each side's addresses.

Everything lives under `<HEMING_VAR>/test`; a running deployment is never touched.
"""

import os
from pathlib import Path

from deploy import databases, environment
from deploy.postgres import Cluster
from integration.keys import make_keys

SIDES = ("crm", "erp", "integration")

VAR = environment.tests_var_dir()
VAR.mkdir(parents=True, exist_ok=True)
os.environ["HEMING_VAR"] = str(VAR)
for name in [name for name in os.environ if name.endswith("_DATABASE_URL")]:
    del os.environ[name]

CLUSTER = Cluster(VAR, durable=False)
STARTED_HERE = not CLUSTER.running
CLUSTER.ensure_running()
databases.prepare(CLUSTER.superuser_url(), SIDES, VAR)
environment.ensure_secret_keys(VAR, SIDES)
os.environ["STATIC_FROM_SOURCE"] = "1"
os.environ["API_RATE_USER"] = os.environ["API_RATE_ANONYMOUS"] = "0"  # tests count queries; limits have their own
for side in SIDES:
    (VAR / "static" / side).mkdir(parents=True, exist_ok=True)
    os.environ.update(environment.read(VAR, side))
    make_keys(side, VAR / side / "keys", VAR / "keys" / "jwks.json")


def superuser_url(database: str) -> str:
    """For making and dropping test databases only."""
    return CLUSTER.superuser_url(database)


def migrations_stamp(root: Path) -> str:
    """Changes when any migration, its SQL, or what it is built from changes."""
    import hashlib

    digest = hashlib.sha256()
    patterns = ("*/*/migrations/*.py", "*/*/sql/*.sql", "base/sql.py", "base/numbering.py", "*/access/apps.py")
    for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
        digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]
