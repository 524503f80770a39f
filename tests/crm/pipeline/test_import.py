"""Deals from files."""

from decimal import Decimal
from typing import Any

import pytest

from crm.pipeline.models import Deal, Stage
from tests.crm.makers import account, offered, user
from tests.importing import imported, media, reasons, undone

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture
def maria() -> Any:
    return user("rep", name="maria")


def test_deals_with_their_stages_and_lines(maria: Any) -> None:
    account("Alfreds", owner=maria)
    offered("GTX-PRO")
    stage = Stage.objects.order_by("position").last()
    assert stage is not None
    text = (
        "opportunity_id,account,product,deal_stage,close_value,Quantity,Title\n"
        f"1,Alfreds,gtx-pro,{stage.name},100,2,First\n1,Alfreds,GTX-PRO,,5,,\n2,Alfreds,,,,,Bare\n"
        "3,Alfreds,GTXPro,,1,,Near\n4,Alfreds,GTX-PRO,Won,1,,Won\n5,Alfreds,GTX-PRO,lost,1,,Lost\n"
        "6,,GTX-PRO,,1,,Whose\n7,Alfreds,GTX-PRO,Negotiating,1,,Stage\n"
    )

    imp = imported("deals", text, maria)

    first = Deal.objects.get(title="First")
    assert imp.counts == {"new": 3, "error": 4}
    assert (first.stage, first.net_total, first.lines.count(), first.owner) == (stage, Decimal("205.00"), 2, maria)
    assert Deal.objects.get(title="Lost").status == "lost"
    assert [(row, told[0]) for row, told in reasons(imp)] == [
        (5, ["sku", "“GTXPro” is not in the catalogue; is it “Gtx-Pro”?"]),
        (6, ["stage", reasons(imp)[1][1][0][1]]),
        (8, ["account", "It is missing."]),
        (9, ["stage", reasons(imp)[3][1][0][1]]),
    ]
    assert "win it on its page" in reasons(imp)[1][1][0][1]
    assert stage.name in reasons(imp)[3][1][0][1]
    assert imported("deals", text, maria).counts == {"unchanged": 3, "error": 4}

    changed = imported("deals", text.replace("Bare", "Bold"), maria)
    assert (changed.counts, Deal.objects.filter(title="Bold").exists()) == (
        {"unchanged": 2, "update": 1, "error": 4}, True,
    )  # fmt: skip
    undone(changed)
    assert Deal.objects.filter(title="Bare").exists()


def test_open_deals_are_taken_back_lost_ones_stay(maria: Any) -> None:
    account("Alfreds", owner=maria)
    imp = imported("deals", "id,account,stage\n1,Alfreds,\n2,Alfreds,lost\n", maria)

    imp = undone(imp)

    assert Deal.objects.get().status == "lost"
    assert list(imp.rows.order_by("number").values_list("undone", flat=True)) == [True, False]
