"""The Maven set of 8,800 opportunities, where it lies beside the project (`../shared/data`); it is not ours to carry.

Its own oddities are told and its own sums come out: 1,425 open deals without an account, `GTXPro` for `GTX Pro`, open
deals without a value or a closing day, lost ones worth 0.
"""

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Count, Sum
from django.http import QueryDict
from django.test import RequestFactory

from base.env import ROOT
from crm.accounts.models import Account
from crm.pipeline import outcomes, services
from crm.pipeline.filters import DealFilter
from crm.pipeline.models import Deal, DealOrder, Stage
from integration.outbox.models import Message
from tests.crm.makers import SINCE, account, offered, user
from tests.importing import imported, media

__all__ = ["media"]
FOLDERS = [place / "shared/data/crm_sales_opportunities" for place in ROOT.parents]
FOLDER = next((folder for folder in FOLDERS if folder.is_dir()), FOLDERS[0])
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("media"),
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the Maven files of ../shared/data are not here"),
]

MEANT = {"sku": {"GTXPro": "GTX Pro"}, "stage": {"Prospecting": "Lead-in", "Engaging": "Qualified"}}


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _company() -> Any:
    """Everybody who sells, everything that is sold, all who buy."""
    for row in _rows("sales_teams.csv"):
        for name in (row["sales_agent"], row["manager"]):
            first, _blank, last = name.partition(" ")
            person = user("rep", name=name.replace(" ", "."))
            person.first_name, person.last_name = first, last
            person.save()
    for row in _rows("products.csv"):
        offered(row["product"].upper(), (row["sales_price"], SINCE))
    boss = user("manager", name="boss")
    accounts = imported("accounts", _bytes("accounts.csv"), boss)
    assert accounts.counts == {"new": 85}
    assert [(one["field"], one["word"], one["near"], one["count"]) for one in accounts.report["unknown"]] == [
        ("country", "Korea", "South Korea", 1),
        ("country", "Philipines", "Philippines", 1),
        ("industry", "technolgy", "technology", 12),
    ]
    account("No account yet", owner=boss)
    return boss


def _bytes(name: str) -> bytes:
    return Path(FOLDER / name).read_bytes()


def test_all_deals_come_in_and_their_sums_are_the_file_s_own() -> None:
    boss = _company()
    told = {"replacements": MEANT, "constants": {"account": "No account yet"}}

    first = imported("deals", _bytes("sales_pipeline.csv"), boss, **told)
    again = imported("deals", _bytes("sales_pipeline.csv"), boss, **told)

    rows = _rows("sales_pipeline.csv")
    prices = {row["product"]: Decimal(row["sales_price"]) for row in _rows("products.csv")}
    assert (first.counts, again.counts) == ({"new": 8800}, {"unchanged": 8800})
    assert _sums("status") == _expected(rows, prices, lambda row: STATUS[row["deal_stage"]])
    assert _sums("owner__last_name") == _expected(rows, prices, lambda row: row["sales_agent"].partition(" ")[2])
    assert _sums("account__name") == _expected(rows, prices, lambda row: row["account"] or "No account yet")
    assert _sums("lines__sku") == _expected(rows, prices, lambda row: _product(row).upper())
    assert _sums("won_at__date") == _expected(rows, prices, lambda row: _day(row) if row["deal_stage"] == "Won" else "")
    _the_report_says_the_same(boss, rows, prices)
    assert (Message.objects.count(), DealOrder.objects.count()) == (0, 0)
    assert not Account.objects.filter(registered=True).exists()
    assert [(one["field"], one["count"]) for one in first.report["notes"]] == [
        ("account", sum(not row["account"] for row in rows)),
        ("unit_price", sum(row["close_value"] == "0" for row in rows)),
        ("unit_price", sum(not row["close_value"] for row in rows)),
    ]
    assert {one["word"]: one["count"] for one in first.report["read_as"]} == {
        **Counter(row["product"] for row in rows if row["product"] == "GTXPro"),
        **Counter(row["deal_stage"] for row in rows if row["deal_stage"] in MEANT["stage"]),
    }


def _the_report_says_the_same(boss: Any, rows: list[dict[str, str]], prices: dict[str, Decimal]) -> None:
    """All time, by each way: every figure is the file's own, and its list holds the very deals."""
    deals = Deal.objects.visible_to(boss)
    keys = {
        "owner": lambda row: row["sales_agent"].replace(" ", "."),
        "product": lambda row: _product(row).upper(),
        "quarter": lambda row: _quarter(row["close_date"]),
    }
    for by, key in keys.items():
        found, total = outcomes.outcomes(deals, by, "EUR")
        said = {(row.key, state): (one.count, one.net) for row in found for state, one in row.cells.items()}
        expected = _expected(rows, prices, lambda row, key=key: (key(row), STATUS[row["deal_stage"]]))
        assert said == expected
        assert {state: (one.count, one.net) for state, one in total.cells.items()} == _sums("status")
        for row in found[:3]:
            for cell in row.cells.values():
                listed = DealFilter(QueryDict(cell.url.partition("?")[2]), deals, request=_asked_by(boss)).qs
                assert listed.order_by().aggregate(n=Count("pk"), net=Sum("net_total")) == {
                    "n": cell.count, "net": cell.net,
                }  # fmt: skip


def _asked_by(user: Any) -> Any:
    request = RequestFactory().get("/")
    request.user = user
    return request


def _quarter(day: str) -> str:
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}" if day else ""


def test_without_a_word_of_help_the_oddities_are_refused_each_with_its_reason() -> None:
    boss = _company()
    lines = _bytes("sales_pipeline.csv").decode().splitlines(keepends=True)

    imp = imported("deals", "".join([lines[0], *lines[1:200]]), boss)

    rows = _rows("sales_pipeline.csv")[:199]
    odd = [one for one in rows if one["product"] == "GTXPro" or one["deal_stage"] in MEANT["stage"]]
    assert imp.counts == {"new": 199 - len(odd), "error": len(odd)}
    assert {(one["field"], one["word"]) for one in imp.report["unknown"]} >= {("sku", "GTXPro"), ("stage", "Engaging")}
    deal = Deal.objects.filter(status="lost")[:1].get()
    assert services.reopen(deal).stage == Stage.objects.order_by("position")[0]


STATUS = {"Won": "won", "Lost": "lost", "Engaging": "open", "Prospecting": "open"}


def _product(row: dict[str, str]) -> str:
    return "GTX Pro" if row["product"] == "GTXPro" else row["product"]


def _day(row: dict[str, str]) -> str:
    return row["close_date"]


def _sums(by: str) -> dict[str, tuple[int, Decimal]]:
    rows = Deal.objects.order_by().values(by).annotate(deals=Count("pk"), total=Sum("net_total"))
    return {str(row[by] or ""): (row["deals"], row["total"]) for row in rows}


def _expected(rows: list[dict[str, str]], prices: dict[str, Decimal], by: Any) -> dict[str, tuple[int, Decimal]]:
    """The file's own sums: what a row says, or the list price where it says nothing."""
    sums: dict[str, tuple[int, Decimal]] = {}
    for row in rows:
        value = Decimal(row["close_value"]) if row["close_value"] else prices[_product(row)]
        count, total = sums.get(by(row), (0, Decimal(0)))
        sums[by(row)] = (count + 1, total + value)
    return sums
