"""Steps inside one side's Django, several in one process because loading Django costs more than most of them.

    python -m deploy.side crm before       keys, demo users, company, static files: before its processes start
    python -m deploy.side crm after        demo records, which travel over the wire, once every side runs

Each step is a management command of the side, can be run again, and is skipped where the side has none.
"""

import io
import os
import sys
from typing import Any

from deploy import environment

BEFORE: dict[str, tuple[str, ...]] = {
    "crm": ("makekeys", "demo_users", "collectstatic"),
    "erp": ("makekeys", "seed_company", "seed_statements", "load_tax_packs", "demo_users", "collectstatic"),
    "integration": ("makekeys", "demo_users", "seed_routes", "collectstatic"),
}
AFTER: dict[str, tuple[str, ...]] = {
    "crm": ("seed_demo", "seed_pipeline", "seed_leads"),
    "erp": ("seed_demo",),
    "integration": ("seed_demo",),
}
OPTIONS: dict[str, dict[str, Any]] = {"collectstatic": {"interactive": False, "verbosity": 0}}


def main(side: str, phase: str) -> None:
    """Run the phase's steps as the side's app role."""
    var = environment.var_dir()
    environment.load(var, side)
    os.environ["DJANGO_SETTINGS_MODULE"] = f"{side}.settings"
    import django
    from django.core.management import call_command, get_commands

    django.setup()
    known = get_commands()
    for step in (BEFORE if phase == "before" else AFTER)[side]:
        if step not in known:
            continue
        print(f"{side}: {step}", flush=True)
        said = io.StringIO()
        call_command(step, stdout=said, **OPTIONS.get(step, {}))
        print(said.getvalue(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
