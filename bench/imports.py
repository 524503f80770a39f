"""Import of accounts with the search for duplicates, the whole way from the file to the report.

`rows_per_s` is the run that makes 20,000 accounts (rules, history, duplicates, what is kept for the undo);
`again_per_s` the same file once more, where every row is compared and none is changed.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.trials import Figure, own_server, say

ROWS = 20_000
TOWNS = ("Berlin", "London", "Reims", "Graz", "Torino", "México D.F.", "杭州", "Lyon")


def figures() -> Iterator[Figure]:
    """First, again."""
    with own_server("crm") as var:
        path = var / "accounts.csv"
        write(path, ROWS)
        by = _user()
        first, counts = run(path, by)
        say(f"{ROWS:,} accounts in {first:.1f} s: {counts}")
        again, counts = run(path, by)
        say(f"the same file again in {again:.1f} s: {counts}")
        changed = sum(count for name, count in counts.items() if name != "unchanged")
        yield Figure("rows_per_s", value=round(ROWS / first), unit="rows/s", at_least=1000)
        yield Figure("again_per_s", value=round(ROWS / again), unit="rows/s", at_least=1000)
        yield Figure("changed_again", value=changed, unit="rows", at_most=0)


def write(path: Path, rows: int, start: int = 0) -> None:
    """A file of so many companies, from this number on."""
    with path.open("w", encoding="utf-8") as file:
        file.write("id,name,phone,email,street,postal code,city,country\n")
        for n in range(start, start + rows):
            mail = f"office@company{n}.example" if n % 3 else ""
            town = TOWNS[n % len(TOWNS)]
            file.write(f"K{n:06},Company {n:06x} GmbH,+49 30 {n:07},{mail},Street {n % 400},{n % 99999:05},{town},DE\n")


def _user() -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.create_superuser("importer")


def run(path: Path, by: Any) -> tuple[float, dict[str, int]]:
    """Seconds of the run alone (the dry run came before it), and its counts."""
    from base import jobs
    from base.exchange import services

    imp = services.upload("accounts", [path.read_bytes()], path.name, by=by)
    imp = services.map_columns(imp, imp.mapping, ["external_ref"])
    imp = services.check(imp, send=False)
    jobs.run(imp.job_id)
    imp = services.begin(imp, send=False)
    start = time.monotonic()
    jobs.run(imp.job_id)
    seconds = time.monotonic() - start
    return seconds, type(imp).objects.get(pk=imp.pk).counts
