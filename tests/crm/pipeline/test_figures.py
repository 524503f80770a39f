from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.pipeline import figures, services
from crm.pipeline.models import Deal, Stage
from tests.crm.makers import account, deal, offered, user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def trade() -> None:
    """90 EUR won now, 36 EUR open."""
    offered()
    of = account()
    services.win(deal(("CHAI", "5"), of=of), by=user("rep"))
    deal(("CHAI", "2"), of=of)


def test_what_was_won_stands_at_its_month() -> None:
    chart = figures.won_by_month(Deal.objects.all(), "EUR")

    assert chart is not None
    assert list(chart.series[0].values) == [0] * 11 + [Decimal("90.00")]
    assert "100 %" in chart.title


def test_what_is_open_is_weighed_by_its_stage() -> None:
    stages = list(Stage.objects.order_by("position"))
    first = Deal.objects.open().get().stage

    chart = figures.open_by_stage(Deal.objects.all(), "EUR", stages)

    assert chart is not None
    expected = [Decimal("36.00") if stage == first else Decimal(0) for stage in stages]
    assert list(chart.series[0].values) == expected
    assert list(chart.series[1].values) == [
        value * stage.probability for value, stage in zip(expected, stages, strict=True)
    ]


def test_currencies_are_never_added() -> None:
    assert figures.won_by_month(Deal.objects.all(), "USD") is None
    assert figures.currencies(Deal.objects.all()) == ["EUR"]


def test_the_way_to_a_win_is_counted_in_days() -> None:
    Deal.objects.filter(status="won").update(started_on=timezone.localdate() - timedelta(days=8))

    assert figures.cycle_days(Deal.objects.all()) == 8


def test_the_page_shows_one_s_own_or_all() -> None:
    client = Client()
    client.force_login(user("rep", name="somebody else"))

    own, everybody = (client.get(f"/pipeline/figures/?whose={whose}").content.decode() for whose in ("mine", "all"))

    assert ("Nothing to draw yet" in own, "data-chart" in own) == (True, False)
    assert everybody.count("data-chart") == 2


# ---- over REST


def asked(role: str, query: str = "", name: str = "") -> Any:
    client = Client()
    client.force_login(user(role, name=name or role))
    return client.get(f"/api/v1/deal-figures/{query}")


def test_a_program_reads_what_was_won_and_what_is_open() -> None:
    stage = Deal.objects.open().get().stage

    told = asked("manager").json()

    assert (told["currency"], told["currencies"], told["cycle_days"]) == ("EUR", ["EUR"], 0)
    assert [row["net"] for row in told["won"]] == ["0.00"] * 11 + ["90.00"]
    (row,) = [row for row in told["open"] if row["deals"]]
    likely = str((36 * stage.probability).quantize(Decimal("0.01")))
    assert row == {"stage": str(stage.pk), "name": stage.name, "deals": 1, "net": "36.00", "likely": likely}


def test_figures_are_of_the_deals_that_one_may_see() -> None:
    mine = asked("rep", "?whose=mine", "somebody else").json()
    none = asked("manager", "?q=Nordwind").json()

    assert {row["net"] for told in (mine, none) for row in (*told["won"], *told["open"])} == {"0.00"}
    assert (mine["currencies"], mine["cycle_days"]) == ([], None)


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("?whose=theirs", 422, "whose"),
        ("?currency=EURO", 422, "currency"),
        ("?pipeline=none", 422, "pipeline"),
        ("?pipeline=01a21434-bf84-7eeb-957e-ae0d7d2a0045", 422, "pipeline"),
        ("?q=%00", 422, "q"),
        ("?who=mine", 400, "who"),
    ],
)
def test_figures_of_what_is_not_there_are_a_problem(query: str, status: int, field: str) -> None:
    told = asked("manager", query)

    assert (told.status_code, told.json()["errors"][0]["field"]) == (status, field)


def test_figures_are_for_who_sells() -> None:
    nobody = Client()
    nobody.force_login(user())

    assert nobody.get("/api/v1/deal-figures/").status_code == 403
