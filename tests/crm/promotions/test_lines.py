"""What promotions do to the lines of deals: taken over, named, never changed by themselves, told to the ERP."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.urls import reverse

from crm.pipeline import approvals, quotes
from crm.pipeline import services as pipeline
from crm.pipeline.models import Deal, DealLine, Pipeline
from crm.pipeline.pricing import NewLine
from crm.pipeline.refusals import ApprovalNeeded, OwnPrice
from crm.promotions import services as promotions
from crm.promotions.refusals import Carried
from integration.outbox.models import Message
from tests.crm.makers import account, deal, offered, user
from tests.crm.promotions.makers import promotion

D = Decimal
pytestmark = pytest.mark.django_db


def line_of(some=None, sku="CHAI", quantity=5, by=None, **told):
    """A new line as a tap on the catalogue makes it: nothing is said of a discount."""
    some = some or deal()
    return pipeline.add_line(some, NewLine(sku, D(quantity), **told), by=by or some.owner)


def numbers(line):
    line.refresh_from_db()
    return (line.discount, line.promotion_discount, line.promotion and line.promotion.name, line.net_amount)


def deeper(limit="0.5"):
    Pipeline.objects.update(promotion_limit=D(limit))


def test_a_new_line_has_the_best_that_runs_and_names_it():
    offered()
    promotion("0.05", name="Small")
    promotion("0.10")
    promotion("0.20", name="Others", audience="vip")

    line = line_of()

    assert numbers(line) == (D("0.10"), D("0.10"), "Spring", D("81.00"))
    assert line.deal.lines.get() == line
    assert Deal.objects.get().net_total == D("81.00")


@pytest.mark.parametrize(
    "told", [{"discount": D(0)}, {"unit_price": D("18.00")}, {"discount": D("0.05")}, {"unit_price": D(15)}]
)
def test_who_says_a_price_or_discount_has_that(told):
    offered()
    promotion()

    assert line_of(**told).promotion is None


def test_a_discount_of_ones_own_on_top_counts_with_it_against_the_limit():
    offered()
    deeper()
    promotion("0.30")
    own, more = line_of(), line_of(discount=D("0.31"))

    assert (own.limit, own.needs_approval, more.promotion.name, more.needs_approval) == (
        D("0.30"),
        False,
        "Spring",
        True,
    )
    with pytest.raises(ApprovalNeeded, match="reps may give 30 %"):
        pipeline.win(more.deal, more.deal.owner)
    assert pipeline.win(own.deal, own.deal.owner).status == "won"


def test_within_the_usual_limit_it_changes_nothing_of_it():
    offered()
    promotion("0.10")

    assert [line_of(discount=D(told)).needs_approval for told in ("0.25", "0.26")] == [False, True]


def test_who_decided_it_does_not_decide_their_own_price_with_it():
    offered()
    deeper()
    boss = user("manager", name="boss")
    promotion("0.40", by=boss)
    own = line_of(deal(by=boss), by=boss)

    with pytest.raises(OwnPrice):
        pipeline.win(own.deal, boss)
    with pytest.raises(DatabaseError, match="nobody has approved"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE pipeline_deal SET status = 'won', won_at = now(), ordered_on = now()")
    assert pipeline.win(own.deal, user("manager", name="other")).status == "won"


def test_another_quantity_takes_what_runs_now_and_keeps_what_is_over():
    offered()
    some = deal(("CHAI", "5"))
    line = some.lines.get()
    spring = promotion("0.10")

    pipeline.change_line(line, by=some.owner, quantity=D(10))
    assert numbers(line) == (D("0.10"), D("0.10"), "Spring", D("162.00"))
    promotions.stop(spring, by=spring.decided_by)
    pipeline.change_line(line, by=some.owner, quantity=D(20))
    assert numbers(line) == (D("0.10"), D("0.10"), "Spring", D("324.00"))
    promotion("0.15", name="Autumn")
    pipeline.change_line(line, by=some.owner, quantity=D(1))
    assert numbers(line) == (D("0.15"), D("0.15"), "Autumn", D("15.30"))


def test_a_line_with_a_discount_of_its_own_keeps_it():
    offered()
    some = deal(("CHAI", "5", "0.03"))
    promotion()

    line = pipeline.change_line(some.lines.get(), by=some.owner, quantity=D(10))

    assert (line.discount, line.promotion) == (D("0.03"), None)


@pytest.mark.parametrize(
    ("change", "carried"),
    [
        ({"discount": D("0.12")}, True),
        ({"discount": D("0.05")}, False),
        ({"discount": D(0)}, False),
        ({"unit_price": D(17)}, False),
    ],
)
def test_a_line_carries_it_as_long_as_it_goes_as_deep(change, carried):
    offered()
    promotion()
    line = line_of()

    pipeline.change_line(line, by=line.deal.owner, **change)

    line.refresh_from_db()
    assert (line.promotion is not None) is carried
    assert line.promotion_discount == (D("0.10") if carried else 0)


def test_nothing_changes_by_itself_and_a_tap_prices_anew(client):
    offered()
    spring, some = promotion(), deal()
    line = line_of(some)
    client.force_login(some.owner)
    page = reverse("pipeline:detail", args=[some.pk])
    assert "Spring −10" in client.get(page).content.decode()

    promotions.stop(spring, by=spring.decided_by)
    told = client.get(page).content.decode()
    assert "has ended" in told
    assert "Price anew" in told
    assert numbers(line)[0] == D("0.10")
    client.post(reverse("pipeline:line-anew", args=[line.pk]))

    assert numbers(line) == (D(0), D(0), None, D("90.00"))
    assert "has ended" not in client.get(page).content.decode()


def test_priced_anew_it_has_what_runs_now_even_if_that_is_as_much():
    offered()
    spring = promotion()
    line = line_of()
    promotions.stop(spring, by=spring.decided_by)
    promotion(name="Summer")

    pipeline.price_anew(line, by=line.deal.owner)

    assert numbers(line) == (D("0.10"), D("0.10"), "Summer", D("81.00"))


def test_priced_anew_a_price_of_ones_own_stays():
    offered()
    some = deal(("CHAI", "5", "0.03"), ("CHAI", "5", "0.03", "17.00"))

    for line in some.lines.all():
        pipeline.price_anew(line, by=some.owner)
    promotion()
    pipeline.price_anew(some.lines.last(), by=some.owner)

    assert [line.discount for line in some.lines.all()] == [D("0.03"), D("0.03")]


def test_a_promotion_that_came_later_is_offered_by_a_tap(client):
    offered()
    some = deal(("CHAI", "5"))
    promotion()
    client.force_login(some.owner)

    assert "Take Spring" in client.get(reverse("pipeline:detail", args=[some.pk])).content.decode()
    assert numbers(some.lines.get())[0] == 0
    client.post(reverse("pipeline:line-anew", args=[some.lines.get().pk]))

    assert numbers(some.lines.get()) == (D("0.10"), D("0.10"), "Spring", D("81.00"))


def test_what_was_quoted_while_it_ran_keeps_its_price_unasked(client):
    offered()
    spring, some = promotion(), deal()
    line = line_of(some)
    quote = quotes.make(some, by=some.owner)
    promotions.stop(spring, by=spring.decided_by)
    client.force_login(some.owner)

    assert quote.lines[0]["promotion"] == "Spring"
    assert "has ended" not in client.get(reverse("pipeline:detail", args=[some.pk])).content.decode()
    pipeline.change_line(line, by=some.owner, quantity=D(6))
    assert "has ended" in client.get(reverse("pipeline:detail", args=[some.pk])).content.decode()
    quote.refresh_from_db()
    assert quote.lines[0]["discount"] == "0.1"


def test_a_quote_made_after_its_end_does_not_count():
    offered()
    spring, some = promotion(), deal()
    line_of(some)
    promotions.stop(spring, by=spring.decided_by)
    quotes.make(some, by=some.owner)
    (line,) = approvals.lines_of(some)

    assert quotes.was_offered(line, some.quotes.all()) is False


def test_a_promotion_called_otherwise_makes_no_quote_old():
    offered()
    spring, some = promotion(), deal()
    line_of(some)
    quote = quotes.make(some, by=some.owner)

    promotions.change(spring, by=spring.decided_by, name="Spring 2026")

    some.refresh_from_db()
    assert quotes.differs(quote, some, approvals.lines_of(some)) is False


def test_the_erp_is_told_with_the_deal():
    offered()
    promotion()
    some = deal(("CHAI", "1"))
    line_of(some)
    pipeline.win(some, some.owner)

    told = Message.objects.get(type="crm.deal.won.v1")

    assert b'"promotion":"Spring"' in bytes(told.body).replace(b": ", b":")
    assert bytes(told.body).replace(b": ", b":").count(b'"promotion":""') == 1


def test_what_a_line_has_stays():
    offered()
    spring = promotion()
    line = line_of()

    with pytest.raises(Carried):
        promotions.change(spring, by=spring.decided_by, discount=D("0.2"))
    with pytest.raises(ProtectedError):
        spring.delete()
    promotions.change(spring, by=spring.decided_by, discount=D("0.1"), note="As it was")
    assert numbers(line)[1] == D("0.1")


@pytest.mark.parametrize(
    ("statement", "error", "says"),
    [
        ("UPDATE pipeline_dealline SET promotion_discount = 0.05", DatabaseError, "the promotion gives"),
        ("UPDATE pipeline_dealline SET promotion_id = NULL", IntegrityError, "line_promotion_has_discount"),
        ("UPDATE pipeline_dealline SET discount = 0.05, net_amount = 85.5", IntegrityError, "line_promotion_has_"),
        ("UPDATE promotions_promotion SET discount = 0.2", DatabaseError, "lines of deals have"),
        ("UPDATE pipeline_pipeline SET promotion_limit = 2", IntegrityError, "pipeline_promotions_are_fraction"),
    ],
)
def test_the_database_keeps_what_a_line_has(statement, error, says):
    offered()
    promotion()
    line_of()

    with pytest.raises(error, match=says), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert DealLine.objects.get().promotion_discount == D("0.10")


def test_lines_of_one_deal_ask_once_for_promotions(django_assert_max_num_queries):
    for sku in ("CHAI", "CHANG", "TOFU"):
        offered(sku)
    promotion()
    company, anna = account(), user("rep")
    lines = [NewLine(sku, D(1)) for sku in ("CHAI", "CHANG", "TOFU")]

    with django_assert_max_num_queries(16):
        made = pipeline.create_deal(company, by=anna, lines=lines)

    assert {line.promotion.name for line in made.lines.all()} == {"Spring"}
