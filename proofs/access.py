"""Every endpoint of every side × another's records × each role, reading and writing: no leak, no change, no 5xx."""

import json

from deploy.trials import Cases, manage, own_server, say

SIDES = ("crm", "erp", "integration")


def check(cases: Cases) -> None:
    """Walk each side in a process of its own, as `manage.py <side>` runs."""
    with own_server(*SIDES) as var:
        for side in SIDES:
            told = json.loads(
                manage(var, side, "shell", "-v0", "-c", "from proofs._access import tell; tell()").splitlines()[-1]
            )
            cases.count += told["cases"]
            for words in told["failed"]:
                cases.fail(words)
            say(f"{side}: {told['cases']} cases, {len(told['failed'])} failed")
