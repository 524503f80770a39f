"""Every endpoint of every side × another's records × each role, reading and writing: no leak, no change, no 5xx."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from deploy.trials import Cases, manage, own_server, say
from integration.keys import make_keys

SIDES = ("crm", "erp", "integration")


def check(cases: Cases) -> None:
    """Walk each side in a process of its own, as `manage.py <side>` runs; all at the same time."""
    with own_server(*SIDES) as var, ThreadPoolExecutor(len(SIDES)) as pool:
        for side in SIDES:  # the hub signs what it asks the others
            make_keys(side, var / side / "keys", var / "keys" / "jwks.json")
        for side, told in zip(SIDES, pool.map(lambda side: _walked(var, side), SIDES), strict=True):
            cases.count += told["cases"]
            for words in told["failed"]:
                cases.fail(words)
            say(f"{side}: {told['cases']} cases, {len(told['failed'])} failed")


def _walked(var: Path, side: str) -> dict[str, Any]:
    said = manage(var, side, "shell", "-v0", "-c", "from proofs._access import tell; tell()")
    told: dict[str, Any] = json.loads(said.splitlines()[-1])
    return told
