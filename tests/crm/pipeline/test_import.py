"""Deals from files."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from base.exchange import services as services_of_imports
from crm.accounts.models import Account
from crm.activities.models import Entry
from crm.pipeline import services
from crm.pipeline.models import Deal, DealOrder, Stage
from crm.pipeline.refusals import ClosedElsewhere
from integration.outbox.models import Message
from tests.crm.makers import account, offered, user
from tests.importing import imported, media, reasons, tried, undone, uploaded

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


HISTORY = """id,account,stage,owner,engage date,close date,product,close value,loss reason
1,Alfreds,Won,maria,2026-02-01,2026-03-01,CHAI,90,
2,Alfreds,Lost,maria,2026-02-05,2026-03-04,CHAI,0,too dear
3,Alfreds,Lead-in,maria,2026-02-10,2026-09-01,CHAI,,
"""
MEANT = {"sku": {"GTXPro": "GTX-PRO"}, "stage": {"Prospecting": "Lead-in"}}


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
        (6, ["closed_on", "When was it won?"]),
        (8, ["account", "It is missing."]),
        (9, ["stage", reasons(imp)[3][1][0][1]]),
    ]
    assert stage.name in reasons(imp)[3][1][0][1]
    assert imported("deals", text, maria).counts == {"unchanged": 3, "error": 4}

    changed = imported("deals", text.replace("Bare", "Bold"), maria)
    assert (changed.counts, Deal.objects.filter(title="Bold").exists()) == (
        {"unchanged": 2, "update": 1, "error": 4}, True,
    )  # fmt: skip
    undone(changed)
    assert Deal.objects.filter(title="Bare").exists()


def test_what_was_imported_is_taken_back_also_what_was_won_elsewhere(maria: Any) -> None:
    account("Alfreds", owner=maria)
    offered()
    imp = imported("deals", HISTORY, maria)
    before = (Deal.objects.count(), Entry.objects.count())

    undone(imp)

    assert (before, Deal.objects.count(), Entry.objects.count()) == ((3, 2), 0, 0)


def test_history_is_told_to_nobody(maria: Any) -> None:
    whom = account("Alfreds", owner=maria)
    offered()

    imp = imported("deals", HISTORY, user("manager"))

    won, lost = Deal.objects.get(status="won"), Deal.objects.get(status="lost")
    assert imp.counts == {"new": 3}
    assert (won.net_total, won.ordered_on, won.owner, won.taken_over) == (Decimal("90"), date(2026, 3, 1), maria, True)
    assert timezone.localdate(won.won_at) == date(2026, 3, 1)
    assert (lost.net_total, lost.close_reason) == (Decimal(0), "too dear")
    assert (Message.objects.count(), DealOrder.objects.count(), maria.notices.count()) == (0, 0, 0)
    assert Account.objects.get(pk=whom.pk).registered is False
    assert [(one.kind, timezone.localdate(one.occurred_at)) for one in Entry.objects.order_by("occurred_at")] == [
        ("deal_won", date(2026, 3, 1)),
        ("deal_lost", date(2026, 3, 4)),
    ]
    stages = [cell["after"] for row in imp.report["preview"] for cell in row["cells"] if cell["field"] == "stage"]
    assert stages == ["won", "lost", "Lead-in"]
    assert imp.report["notes"] == [
        {"field": "closed_on", "text": "Left out, for the deal is open.", "count": 1},
        {"field": "unit_price", "text": "0 for a lost deal, kept as it is.", "count": 1},
        {"field": "unit_price", "text": "Empty, the list price of the day is taken.", "count": 1},
    ]


def test_what_was_won_elsewhere_cannot_be_withdrawn_and_an_import_does_not_win(maria: Any) -> None:
    account("Alfreds", owner=maria)
    offered()
    imported("deals", HISTORY, maria)
    won = Deal.objects.get(status="won")

    with pytest.raises(ClosedElsewhere):
        services.withdraw(won, "changed their mind")
    with pytest.raises(ClosedElsewhere):
        services.report_deposit(won, Decimal(5), by=maria)
    won_there = HISTORY.replace("Lead-in,maria,2026-02-10,2026-09-01", "Won,maria,2026-02-10,2026-03-09")
    again = imported("deals", won_there, maria)

    assert again.counts == {"unchanged": 2, "error": 1}
    assert "win it on its page" in reasons(again)[0][1][0][1]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("1,Alfreds,Won,maria,2026-02-10,,CHAI,1", ["closed_on", "When was it won?"]),
        ("1,Alfreds,Won,maria,2026-02-10,2226-01-01,CHAI,1", ["closed_on", "This day is still to come."]),
        ("1,Alfreds,Lost,maria,2026-02-10,2026-02-09,CHAI,1", ["closed_on", "It was closed before it began."]),
    ],
)
def test_a_history_that_cannot_be_is_refused(maria: Any, row: str, why: list[str]) -> None:
    account("Alfreds", owner=maria)
    offered()

    imp = imported("deals", f"{HISTORY.splitlines()[0]}\n{row},\n", maria)

    assert [told for _row, told in reasons(imp)] == [[why]]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE pipeline_deal SET status = 'withdrawn', taken_over = false WHERE status = 'won'",
        "UPDATE pipeline_deal SET taken_over = true, status = 'lost' WHERE status = 'open'",
        "UPDATE pipeline_deal SET net_total = 1 WHERE status = 'won'",
        "UPDATE pipeline_dealline SET net_amount = 90 FROM pipeline_deal d WHERE d.id = deal_id AND status = 'won'",
        "INSERT INTO pipeline_deal SELECT (r).* FROM (SELECT jsonb_populate_record(d, jsonb_build_object("
        "'id', gen_random_uuid(), 'number', 'X', 'taken_over', false)) r FROM pipeline_deal d WHERE status = 'won') m",
    ],
)
def test_the_database_keeps_history_and_promises_apart(maria: Any, sql: str) -> None:
    account("Alfreds", owner=maria)
    offered()
    imported("deals", HISTORY, maria)

    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert refused.value.__cause__.sqlstate in {"HM090", "HM091"}  # type: ignore[union-attr]


def test_a_word_that_nobody_knows_is_asked_and_remembered(maria: Any) -> None:
    account("Alfreds", owner=maria)
    offered("GTX-PRO")
    text = "id,account,stage,product,value\n1,Alfreds,Prospecting,GTXPro,5\n2,Alfreds,Prospecting,gtxpro,6\n3,,,,\n"

    first = tried("deals", text, maria)
    second = tried("deals", text, maria, replacements=MEANT, constants={"account": "Alfreds"})
    third = services_of_imports.check(uploaded("deals", text, maria), send=False)

    assert [(one["field"], one["word"], one["near"], one["count"]) for one in first.report["unknown"]] == [
        ("sku", "GTXPro", "Gtx-Pro", 1),
        ("sku", "gtxpro", "Gtx-Pro", 1),
        ("stage", "Prospecting", "", 2),
    ]
    assert (first.counts, second.counts) == ({"error": 3}, {"new": 3})
    assert second.report["read_as"] == [
        {"field": "sku", "word": "GTXPro", "meant": "GTX-PRO", "count": 1},
        {"field": "sku", "word": "gtxpro", "meant": "GTX-PRO", "count": 1},
        {"field": "stage", "word": "Prospecting", "meant": "Lead-in", "count": 2},
    ]
    assert second.report["notes"] == [{"field": "account", "text": "Empty, taken as “Alfreds”.", "count": 1}]
    assert third.replacements == MEANT


def test_words_are_answered_on_the_page(maria: Any, client: Client) -> None:
    account("Alfreds", owner=maria)
    offered("GTX-PRO")
    imp = tried("deals", "id,account,stage,product,value\n1,Alfreds,,GTXPro,5\n", maria)
    client.force_login(maria)

    page = client.get(imp.get_absolute_url()).content.decode()
    answer = client.post(reverse("exchange:read_as", args=[imp.pk]), {"word_0": "Gtx-Pro"})

    imp = type(imp).objects.get(pk=imp.pk)
    assert "Words that are not known here" in page
    assert 'value="Gtx-Pro"' in page
    assert (answer.status_code, imp.replacements) == (302, {"sku": {"GTXPro": "Gtx-Pro"}})
