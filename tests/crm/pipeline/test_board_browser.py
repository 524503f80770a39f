"""The board by mouse, keyboard and the thumb's menu: after each move the heads say what the database sums up."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Count, Sum
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from crm.pipeline.models import Deal, Pipeline, Stage
from tests.browsing import signed_in
from tests.crm.makers import account, deal, offered, user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stages() -> list[Stage]:
    return list(Stage.objects.order_by("pipeline__position", "position"))


@pytest.fixture
def anna(stages: list[Stage]) -> Any:
    """Three deals in the first stage, each with another next step; the last has stood there for long."""
    anna, today = user("rep", name="anna"), timezone.localdate()
    offered()
    days = {"Late": today - timedelta(days=1), "Now": today, "Soon": today + timedelta(days=3), "Never": None}
    for place, (name, day) in enumerate(days.items(), 1):
        step = {"next_step": "Call", "next_step_on": day} if day else {}
        deal(("CHAI", str(place)), of=account(name, owner=anna), by=anna, **step)
    Deal.objects.filter(account__name="Never").update(stage_since=timezone.now() - timedelta(days=40))
    return anna


def opened(browser: Browser, live_server: Any, anna: Any, **how: Any) -> Page:
    page = signed_in(browser, live_server, anna, **how).new_page()
    page.goto(f"{live_server.url}/pipeline/")
    return page


@pytest.fixture
def desk(browser: Browser, live_server: Any, anna: Any) -> Iterator[Page]:
    page = opened(browser, live_server, anna, viewport={"width": 1440, "height": 900})
    yield page
    page.context.close()


@pytest.fixture
def phone(browser: Browser, live_server: Any, anna: Any) -> Iterator[Page]:
    page = opened(browser, live_server, anna, viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    yield page
    page.context.close()


def heads_agree(page: Page, stage: Stage, count: int) -> None:
    """What stands over the columns is what the database says."""
    expect(page.locator(f"#head-{stage.pk} [data-count]")).to_have_text(str(count))
    rows = Deal.objects.open().order_by().values("stage").annotate(deals=Count("pk"), total=Sum("net_total"))
    for row in rows:
        head = page.locator(f"#head-{row['stage']}")
        expect(head.locator("[data-count]")).to_have_text(str(row["deals"]))
        expect(head.locator(".board__total")).to_contain_text(f"{row['total']:,.2f}")


def card(page: Page, name: str) -> Any:
    return page.locator("[data-card]", has_text=name)


def test_a_card_moves_by_mouse_and_by_key_and_sums_follow(desk: Page, stages: list[Stage]) -> None:
    heads_agree(desk, stages[0], 4)
    card(desk, "Late").drag_to(desk.locator(f"[data-column='{stages[1].pk}']"))
    heads_agree(desk, stages[1], 1)
    card(desk, "Now").locator("a").focus()
    desk.keyboard.press("]")
    heads_agree(desk, stages[1], 2)
    desk.keyboard.press("]")
    heads_agree(desk, stages[2], 1)
    desk.keyboard.press("[")
    heads_agree(desk, stages[1], 2)

    assert Deal.objects.filter(stage=stages[1]).aggregate(total=Sum("net_total"))["total"] == Decimal("54.00")


def test_on_the_phone_a_card_moves_by_its_menu(phone: Page, stages: list[Stage]) -> None:
    menu = card(phone, "Soon").locator("summary")
    box = menu.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 36
    menu.tap()
    card(phone, "Soon").get_by_role("button", name=stages[2].name).tap()

    heads_agree(phone, stages[2], 1)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_colours_tell_the_next_step_and_what_has_stood_too_long_is_marked(desk: Page) -> None:
    dots = {name: card(desk, name).locator(".board__next .dot") for name in ("Late", "Now", "Soon", "Never")}
    tones = {name: dot.get_attribute("class") for name, dot in dots.items()}

    assert tones == {"Late": "dot dot--bad", "Now": "dot dot--good", "Soon": "dot dot--quiet", "Never": "dot dot--warn"}
    expect(card(desk, "Never").locator(".board__days--stale")).to_contain_text("40 days")
    expect(desk.locator(".board__days--stale")).to_have_count(1)


def test_another_pipeline_has_a_board_of_its_own(desk: Page, anna: Any) -> None:
    expect(desk.get_by_role("navigation", name="Pipeline")).to_have_count(0)
    service = Pipeline.objects.create(name="Service contracts", position=2)
    stage = Stage.objects.create(pipeline=service, name="Offered", position=1, probability=Decimal("0.5"))
    deal(("CHAI", "3"), of=account("Elsewhere", owner=anna), by=anna, stage=stage)

    desk.reload()
    expect(desk.locator("[data-card]")).to_have_count(4)
    desk.get_by_role("link", name="Service contracts").click()

    expect(desk.locator("[data-card]")).to_have_count(1)
    expect(desk.locator(f"#head-{stage.pk} .board__total")).to_contain_text("54.00")
