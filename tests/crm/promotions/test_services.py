"""Promotions: who decides, how deep, for whom, when; and the database knows."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from base.days import house_day
from base.refusals import NotAllowed
from crm.pipeline.models import Pipeline
from crm.promotions import services as promotions
from crm.promotions.models import Promotion
from crm.promotions.refusals import BadPromotion, PromotionEnded, TooDeep
from tests.crm.makers import account, offered, user
from tests.crm.promotions.makers import promotion

D = Decimal
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["rep", "agent"])
def test_only_sales_managers_and_admins_decide_change_stop_and_resume(role):
    spring, other = promotion(), user(role)

    with pytest.raises(NotAllowed):
        promotion(by=other)
    with pytest.raises(NotAllowed):
        promotions.change(spring, by=other, name="Mine")
    with pytest.raises(NotAllowed):
        promotions.stop(spring, by=other)
    with pytest.raises(NotAllowed):
        promotions.resume(spring, by=other)
    assert Promotion.objects.visible_to(other).count() == 1
    assert promotion(by=user("admin")).decided_by.username == "admin"


def test_whoever_has_no_role_sees_none():
    promotion()

    assert Promotion.objects.visible_to(user()).count() == 0


def test_the_same_id_twice_is_one():
    first = promotion()

    assert promotions.decide(by=first.decided_by, id=first.pk, name="Again").name == first.name
    assert Promotion.objects.count() == 1


def test_it_goes_as_deep_as_the_lowest_pipeline_allows():
    Pipeline.objects.update(promotion_limit=D("0.4"))
    Pipeline.objects.create(name="Chains", position=2, promotion_limit=D("0.3"))

    assert promotion("0.3").discount == D("0.3")
    with pytest.raises(TooDeep) as refused:
        promotion("0.31")
    assert str(refused.value).startswith("A promotion may take at most 30 % off")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": "  "}, "name"),
        ({"discount": D(0)}, "discount"),
        ({"discount": D(1)}, "discount"),
        ({"first_day": date(2999, 2, 1), "last_day": date(2999, 1, 31)}, "last_day"),
        ({"first_day": date(1999, 1, 1), "last_day": date(1999, 1, 31)}, "last_day"),
        ({"skus": ["NONE"]}, "skus"),
        ({"audience": "nobody"}, "audience"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(told, field):
    with pytest.raises(BadPromotion) as refused:
        promotion(**told)

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("SET name = ''", "promotion_has_name"),
        ("SET last_day = first_day - 1", "promotion_days_in_order"),
        ("SET discount = 0", "promotion_discount_is_fraction"),
        ("SET discount = 1", "promotion_discount_is_fraction"),
        ("SET audience = 'nobody'", "promotion_audience_known"),
        ("SET stopped_at = now()", "promotion_stopped_by_somebody"),
    ],
)
def test_the_database_refuses_it_too(statement, check):
    promotion()

    with pytest.raises(IntegrityError, match=check), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE promotions_promotion {statement}")


def test_both_days_are_included_and_the_house_says_which_day_it_is(settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    spring = promotion(first_day=date(2096, 3, 5), last_day=date(2096, 3, 6))
    told = []

    for moment in (
        datetime(2096, 3, 4, 15, 59, tzinfo=UTC),
        datetime(2096, 3, 4, 16, 0, tzinfo=UTC),
        datetime(2096, 3, 6, 15, 59, tzinfo=UTC),
        datetime(2096, 3, 6, 16, 0, tzinfo=UTC),
    ):
        day = house_day(moment)
        told.append((Promotion.objects.running(day).exists(), spring.state_on(day).value, spring.ran_at(moment)))

    assert told == [
        (False, "coming", False), (True, "running", True), (True, "running", True), (False, "ended", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "who", "gets"),
    [
        ({}, {}, True),
        ({"audience": "vip"}, {"tier": "vip"}, True),
        ({"audience": "vip"}, {}, False),
        ({"audience": "standard"}, {}, True),
        ({"audience": "standard"}, {"tier": "vip"}, False),
        ({"countries": ["France", "Norway"]}, {"country": "FRANCE"}, True),
        ({"countries": ["France"]}, {"country": "Germany"}, False),
        ({"countries": ["France"]}, {}, False),
    ],
)
def test_it_is_for_the_accounts_it_says(told, who, gets):
    promotion(**told)

    assert bool(promotions.running_for(account(**who))) is gets


def test_the_best_of_several_is_the_deepest_that_covers_the_product():
    offered("CHAI")
    offered("CHANG")
    for discount, skus in (("0.05", []), ("0.15", ["CHANG"]), ("0.10", ["CHAI"]), ("0.08", ["CHAI"])):
        promotion(discount, skus=skus)
    running = promotions.running_for(account())

    best = {sku: promotions.best_of(running, sku) for sku in ("CHAI", "CHANG", "TOFU")}

    assert {sku: one.discount for sku, one in best.items() if one} == {
        "CHAI": D("0.10"), "CHANG": D("0.15"), "TOFU": D("0.05"),
    }  # fmt: skip


def test_it_is_stopped_at_once_and_may_go_on():
    spring, boss, some = promotion(), user("manager"), account()

    stopped = promotions.stop(promotions.stop(spring, by=boss), by=boss)
    assert (stopped.state, stopped.stopped_by, promotions.running_for(some)) == ("ended", boss, [])
    with pytest.raises(PromotionEnded):
        promotions.change(stopped, by=boss, name="Late")
    assert promotions.resume(stopped, by=boss).state == "running"
    assert promotions.running_for(some) == [spring]
    assert spring.history.count() == 3


def test_what_is_over_neither_stops_nor_goes_on():
    spring, boss = promotion(), user("manager")
    Promotion.objects.update(first_day=house_day() - timedelta(days=9), last_day=house_day() - timedelta(days=1))

    for verb in (promotions.stop, promotions.resume):
        with pytest.raises(PromotionEnded):
            verb(spring, by=boss)
