from datetime import timedelta
from decimal import Decimal

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
