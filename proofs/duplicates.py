"""How many of the duplicates in a file the product's own check finds, and how many of its finds are right.

The records are FEBRL's (dataset1: 1,000 persons with 500 pairs; dataset2: 5,000), which are no part of this repository:
FEBRL names their folder, or it is looked for beside the repository. Each record becomes an account as a rep would type
it: a name and an address. Neither the social security number nor the date of birth is used. A pair counts as found when
the check, asked with the one, says surely the other.
"""

import csv
import gzip
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

from deploy.environment import ROOT
from deploy.trials import Cases, own_server, say

FOLDER = Path(os.environ.get("FEBRL", ROOT.parent / "shared/data/dedupe_febrl"))
FILES = ("dataset1.csv", "dataset2.csv.gz")
RECALL, PRECISION = 0.9, 0.98
ASKED_MOST = 40
MADE = 500  # at once, as an import does

Row = dict[str, str]


def check(cases: Cases) -> None:
    """Each file by itself."""
    if not FOLDER.is_dir():
        say(f"{FOLDER} is not here; FEBRL names the folder.")
        return
    with own_server("crm"):
        from django.contrib.auth import get_user_model

        user = get_user_model().objects.create_user("anna", is_superuser=True)
        for name in FILES:
            _judge(cases, name, list(_rows(FOLDER / name)), user)


def _judge(cases: Cases, name: str, rows: list[Row], user: Any) -> None:
    from django.db import transaction

    with transaction.atomic():
        truth, found = _found(rows, user)
        transaction.set_rollback(True)
    right = len(found & truth)
    recall, precision = right / len(truth), right / max(len(found), 1)
    told = {
        "proof": "duplicates", "set": name, "records": len(rows), "pairs": len(truth), "found": len(found),
        "recall": round(recall, 4), "precision": round(precision, 4), "recall_bar": RECALL, "precision_bar": PRECISION,
    }  # fmt: skip
    print(json.dumps(told, separators=(",", ":")), flush=True)
    cases.that(recall >= RECALL, f"{name}: recall {recall:.4f}")
    cases.that(precision >= PRECISION, f"{name}: precision {precision:.4f}")


def _found(rows: list[Row], user: Any) -> tuple[set[frozenset[Any]], set[frozenset[Any]]]:
    """The pairs there are, and the pairs that are found."""
    from crm.accounts import services
    from crm.leads import matching

    told = [{"kind": "person", **_told(row)} for row in rows]
    made = [one for start in range(0, len(told), MADE) for one in services.create_accounts(told[start : start + MADE])]
    same: dict[str, list[Any]] = defaultdict(list)
    for row, account in zip(rows, made, strict=True):
        same[row["rec_id"].split("-")[1]].append(account.pk)
    truth = {frozenset(pair) for group in same.values() for pair in combinations(group, 2)}
    found = set()
    for account in made:
        asked = {"person": account.name, **{part: getattr(account, part) for part in ("street", "city", "postal_code")}}
        for match in matching.find(user, matching.Known.of(**asked), but=account.pk, most=ASKED_MOST):
            if match.sure:
                found.add(frozenset((account.pk, match.pk)))
    return truth, found


def _told(row: Row) -> Row:
    """What a rep would type; a person without any name is called after the number."""
    return {
        "name": f"{row['given_name']} {row['surname']}".strip() or row["rec_id"],
        "street": " ".join(row[part] for part in ("street_number", "address_1", "address_2") if row[part]),
        "city": row["suburb"],
        "postal_code": row["postcode"],
        "region": row["state"],
    }


def _rows(file: Path) -> Iterator[Row]:
    data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    for row in csv.DictReader(data.decode().splitlines()):
        yield {name.strip(): value.strip() for name, value in row.items()}
