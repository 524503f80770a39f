"""Packs: what the law of a country says, as files; brought into the tables once, what is there stays as it is.

data/<country>/classes.csv, rates.csv, points.csv, forms.csv and a file of boxes for each form.
"""

import csv
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from base.refusals import NotFound

PACKS = Path(__file__).resolve().parent / "data"
Find = Callable[[str, str], Any]


def names() -> list[str]:
    """The countries that there are packs for."""
    return sorted(path.name.upper() for path in PACKS.iterdir() if path.is_dir())


@transaction.atomic
def load(country: str, find: Find = apps.get_model) -> int:
    """Bring the country's classes, rates, rules and forms in; how many rows are new.

    `find` gives the models: today's, or in a migration those of its moment, which take the columns they have.
    """
    pack = PACKS / country.lower()
    if country.upper() not in names():
        raise NotFound(what=_("The tax pack “{country}”").format(country=country))
    new = 0
    for row in _rows(pack / "classes.csv"):
        new += _put(find("tax", "TaxClass"), {"code": row.pop("code")}, row)
    classes = {one.code: one for one in find("tax", "TaxClass").objects.all()}
    for row in _rows(pack / "rates.csv"):
        key = {"tax_class": classes[row["class"]], "jurisdiction": country.upper(), "regime": row["regime"],
               "valid_from": row["from"]}  # fmt: skip
        new += _put(find("tax", "TaxRate"), key, {"rate": Decimal(row["rate"]), "source": row["source"]})
    for row in _rows(pack / "points.csv"):
        key = {"jurisdiction": country.upper(), "supply_kind": row.pop("kind"), "basis": row.pop("basis"),
               "valid_from": row.pop("from")}  # fmt: skip
        latest = int(row["latest_months"]) if row["latest_months"] else None
        told = {**row, "invoice_first": bool(row["invoice_first"]), "latest_months": latest}
        new += _put(find("tax", "TaxPointRule"), key, told)
    for row in _rows(pack / "forms.csv"):
        new += _load_form(pack, find, country.upper(), row)
    return new


def _load_form(pack: Path, find: Find, jurisdiction: str, row: dict[str, str]) -> int:
    """A form with its boxes; one that is there keeps those it has."""
    code = row.pop("code")
    if not _put(find("tax", "ReturnForm"), {"code": code}, {**row, "jurisdiction": jurisdiction}):
        return 0
    form = find("tax", "ReturnForm").objects.get(code=code)
    boxes = list(_rows(pack / f"{code}.csv"))
    for position, box in enumerate(boxes, 1):
        told = {**box, "credit": bool(box["credit"]), "whole": bool(box["whole"]),
                "factor": Decimal(box["factor"] or 1)}  # fmt: skip
        _put(find("tax", "ReturnBox"), {"form": form, "position": position}, told)
    return 1 + len(boxes)


def _put(model: Any, key: dict[str, Any], told: dict[str, Any]) -> int:
    columns = {field.name for field in model._meta.get_fields()}
    _row, new = model.objects.get_or_create(**key, defaults={name: told[name] for name in told if name in columns})
    return int(new)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
