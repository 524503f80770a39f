"""Companies of chance: who sees and changes which record, through every face of the CRM, against a slow oracle."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from deploy.trials import Cases, manage, own_server, say

ORGANISATIONS = int(os.environ.get("ORGANISATIONS", "3"))
SEED = int(os.environ.get("SEED", "0")) or int(time.time())
PEOPLE, ASKED = 200, 20
AT_ONCE = 2


def check(cases: Cases) -> None:
    """Each organisation in a process of its own, two at a time on one database."""
    say(f"SEED={SEED}")
    with own_server("crm") as var, ThreadPoolExecutor(AT_ONCE) as pool:
        seeds = range(SEED, SEED + ORGANISATIONS)
        for seed, told in zip(seeds, pool.map(lambda seed: _walked(var, seed), seeds), strict=True):
            cases.count += told["cases"]
            for words in told["failed"]:
                cases.fail(words)
            say(f"organisation {seed}: {told['cases']} cases, {len(told['failed'])} failed")


def _walked(var: Path, seed: int) -> dict[str, Any]:
    said = manage(
        var, "crm", "shell", "-v0", "-c", f"from proofs._visibility import tell; tell({seed}, {PEOPLE}, {ASKED})"
    )
    told: dict[str, Any] = json.loads(said.splitlines()[-1])
    return told
