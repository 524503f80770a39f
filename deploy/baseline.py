"""`python -m deploy.baseline 0.1.0`: with a release, its migrations become what later ones are measured against.

From then on a migration may only do what does not disturb the code that still runs (tests/shape/test_migrations.py).
Before the first release nothing runs anywhere, and tables may still be shaped freely.
"""

import json
import sys

from deploy.environment import ROOT, SIDES

FILE = ROOT / "tests" / "shape" / "migrations_baseline.json"
EVERYWHERE = ("integration/outbox", "integration/inbox", "integration/webhooks")  # apps that every side installs
BUSINESSES = ("integration/liaison",)  # apps of the sides that the hub asks


def newest() -> dict[str, dict[str, str]]:
    """Of each side and app, the newest migration's name."""
    found: dict[str, dict[str, str]] = {}
    for side in SIDES:
        shared = EVERYWHERE if side == "integration" else (*EVERYWHERE, *BUSINESSES)
        folders = [*(ROOT / side).glob("*/migrations"), *(ROOT / app / "migrations" for app in shared)]
        for folder in sorted(folders):
            names = sorted(path.stem for path in folder.glob("[0-9]*.py"))
            if names:
                found.setdefault(side, {})[folder.parent.name] = names[-1]
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say: python -m deploy.baseline RELEASE")
    told = {"release": sys.argv[1], "migrations": newest()}
    FILE.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n")
