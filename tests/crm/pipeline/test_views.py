"""The deal's pages, as a rep, a manager and an agent meet them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from base.ids import uuid7
from crm.pipeline import services as pipeline
from crm.pipeline.life import revision_of
from crm.pipeline.models import Deal, DepositReport, Pipeline, Stage
from integration.contracts.deals import DealWithdrawn, DealWon
from integration.contracts.orders import OrderAccepted, OrderRefused
from integration.contracts.shipments import ShipmentDispatched
from tests.crm.makers import account, deal, offered, user
from tests.helpers import deliver, emitted

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def url(name, *args):
    return reverse(f"pipeline:{name}", args=args)


@pytest.fixture
def rep(client):
    somebody = user("rep")
    client.force_login(somebody)
    return somebody


def test_the_board_shows_columns_with_exact_sums(client, rep):
    offered()
    deal(("CHAI", "5"), by=rep)
    deal(("CHAI", "7", "0.05"), by=rep)
    deal(("CHAI", "100"), by=user("rep", name="other"))

    mine = client.get(url("board"))
    everybody = client.get(url("board") + "?whose=all")

    first = [page.context["columns"][0] for page in (mine, everybody)]
    assert [(one["count"], one["totals"]) for one in first] == [
        (2, [(Decimal("209.70"), "EUR")]),
        (3, [(Decimal("2009.70"), "EUR")]),
    ]


def test_a_card_says_what_is_next_in_colour(client, rep):
    today = timezone.localdate()
    for days in (-1, 0, 3, None):
        deal(by=rep, next_step_on=None if days is None else today + timedelta(days=days))

    cards = client.get(url("board")).context["columns"][0]["cards"]

    assert [card["tone"] for card in cards] == ["bad", "good", "quiet", "warn"]


def test_board_and_list_take_as_many_queries_for_three_deals_as_for_one(client, rep, django_assert_max_num_queries):
    offered()
    won = pipeline.win(deal(("CHAI", "1"), by=rep), rep)
    deal(("CHAI", "1"), by=rep)
    counted = []
    for _round in range(2):
        for page in (url("board"), url("list"), reverse("today:home")):
            client.get(page)
            with django_assert_max_num_queries(30) as queries:
                client.get(page)
            counted.append(len(queries))
        deal(("CHAI", "1"), by=rep, of=account("Another"))
        pipeline.win(deal(("CHAI", "1"), by=rep, of=account("A third")), rep)
    assert won.pk
    assert counted[:3] == counted[3:]


def test_a_drop_on_the_board_moves_the_deal_and_the_heads_follow(client, rep):
    offered()
    some, stage = deal(("CHAI", "5"), by=rep), Stage.objects.get(name="Proposal")

    moved = client.post(url("move", some.pk), {"stage": str(stage.pk)}, **HTMX)
    heads = client.get(url("totals"))

    assert (moved.status_code, Deal.objects.get().stage) == (204, stage)
    assert "90.00" in heads.content.decode()


def test_a_drop_on_a_closed_deal_is_refused_with_its_reason(client, rep):
    offered()
    some = pipeline.win(deal(("CHAI", "5"), by=rep), rep)

    answer = client.post(
        url("move", some.pk), {"stage": str(Stage.objects.first().pk)}, HTTP_ACCEPT="application/json", **HTMX
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "deal-closed")


def test_a_deal_is_made_in_two_steps_and_a_doubled_submit_is_one_deal(client, rep):
    customer, key = account("Ernst Handel"), str(uuid7())

    found = client.get(url("new") + "?q=ernst")
    for _again in range(2):
        answer = client.post(
            url("new-with", customer.pk), {"title": "Autumn", "next_step": "Call", "idempotency_key": key}
        )

    made = Deal.objects.get()
    assert b"Ernst Handel" in found.content
    assert (made.title, made.owner, answer.url) == ("Autumn", rep, made.get_absolute_url())
    assert made.next_step_on == timezone.localdate() + timedelta(days=1)


def test_lines_are_found_added_changed_and_removed_in_place(client, rep):
    offered("CHAI")
    some = deal(by=rep)

    found = client.get(url("products", some.pk) + "?q=cha", **HTMX)
    added = client.post(url("line-add", some.pk), {"sku": "CHAI"}, **HTMX)
    line = some.lines.get()
    numbers = {"quantity": "12", "unit_price": "18", "discount": "12.5"}
    changed = client.post(url("line-change", line.pk), numbers, **HTMX)

    assert b"18.00" in found.content
    assert b'id="deal-head"' in added.content
    assert b"189.00" in changed.content
    line.refresh_from_db()
    assert (line.quantity, line.discount, line.net_amount) == (Decimal(12), Decimal("0.125"), Decimal("189.00"))

    client.post(url("line-remove", line.pk), **HTMX)
    assert (some.lines.count(), Deal.objects.get().net_total) == (0, Decimal(0))


def test_a_mistyped_number_is_said_at_the_line_and_kept(client, rep):
    offered()
    some = deal(("CHAI", "5"), by=rep)
    line = some.lines.get()

    for typed in ({"quantity": "abc"}, {"quantity": "-1"}, {"discount": "130"}):
        answer = client.post(
            url("line-change", line.pk), {"quantity": "5", "unit_price": "18", "discount": "0", **typed}, **HTMX
        )
        (value,) = typed.values()
        assert answer.status_code == 422
        assert f'value="{value}"' in answer.content.decode()

    line.refresh_from_db()
    assert line.net_amount == Decimal("90.00")


def test_what_the_catalogue_does_not_know_can_be_added_and_the_win_sheet_warns(client, rep):
    some = deal(by=rep)

    client.post(url("line-free", some.pk), {"sku": "GHOST", "quantity": "2", "unit_price": "9.50"})
    sheet = client.get(url("win", some.pk), **HTMX)

    assert some.lines.get().in_catalogue is False
    assert "Not in the catalogue: GHOST. The ERP will refuse" in sheet.content.decode()


def test_a_deal_is_won_from_its_sheet_and_its_order_appears_by_itself(client, rep):
    offered()
    some = deal(("CHAI", "5"), by=rep)

    sheet = client.get(url("win", some.pk), **HTMX)
    won = client.post(url("win", some.pk))
    client.get(won.url)
    seen = revision_of(Deal.objects.get())
    quiet = client.get(url("life", some.pk) + f"?revision={seen}", **HTMX)
    deliver(OrderAccepted(order=uuid7(), number="SO-000104", deal=some.pk, currency="EUR", net_total=Decimal(90)))
    loud = client.get(url("life", some.pk) + f"?revision={seen}", **HTMX)

    assert b"Promise it" in sheet.content
    assert len(emitted(DealWon)) == 1
    assert (quiet.status_code, loud.status_code) == (204, 200)
    assert "Accepted as SO-000104" in loud.content.decode()


def test_the_live_part_costs_one_query_of_its_own_while_nothing_changes(client, rep, django_assert_max_num_queries):
    offered()
    some = pipeline.win(deal(("CHAI", "5"), by=rep), rep)
    seen = revision_of(some)
    with django_assert_max_num_queries(4):  # session, user, roles, revision
        assert client.get(url("life", some.pk) + f"?revision={seen}", **HTMX).status_code == 204


def test_a_deal_that_took_another_state_makes_the_page_reload(client, rep):
    offered()
    some = pipeline.win(deal(("CHAI", "5"), by=rep), rep)
    seen = revision_of(some)
    pipeline.withdraw(some, "changed their mind", rep)

    answer = client.get(url("life", some.pk) + f"?revision={seen}", **HTMX)

    assert answer.headers["HX-Refresh"] == "true"


def test_the_orders_life_reads_like_a_parcels(client, rep):
    offered()
    some = pipeline.win(deal(("CHAI", "5"), by=rep), rep)
    who = {"order": uuid7(), "number": "SO-1", "deal": some.pk}
    deliver(OrderAccepted(**who, currency="EUR", net_total=Decimal(90)))
    deliver(
        ShipmentDispatched(
            **{**who, "number": "SH-1"},
            shipment=uuid7(),
            carrier="Speedy Express",
            tracking="SE1",
            tracking_url="javascript:alert(1)",
            dispatched_at=datetime.now(UTC),
            lines=(),
        )
    )

    steps = client.get(url("detail", some.pk)).context["steps"]

    assert [(step["label"], step["state"]) for step in steps] == [
        ("Promised", "done"),
        ("Accepted as SO-1", "done"),
        ("Shipped with Speedy Express", "done"),
        ("The rest is still to be shipped", "now"),
        ("Invoiced", "todo"),
        ("Paid", "todo"),
        ("Completed", "todo"),
    ]
    assert steps[2]["url"] == ""  # only web addresses become links


def test_a_refused_order_says_why_and_promises_nothing_more(client, rep):
    offered()
    some = pipeline.win(deal(("CHAI", "5"), by=rep), rep)
    deliver(OrderRefused(order=uuid7(), number="SO-1", deal=some.pk, reason_code="product", reason="Unknown product."))

    steps = client.get(url("detail", some.pk)).context["steps"]

    assert [(step["label"], step["state"], step["text"]) for step in steps[1:]] == [
        ("Refused", "bad", "Unknown product.")
    ]


def test_a_rep_waits_for_the_manager_who_approves_on_the_page(client, rep):
    offered()
    some = deal(("CHAI", "5", "0.3"), by=rep)

    sheet = client.get(url("win", some.pk), **HTMX).content.decode()
    refused = client.post(url("win", some.pk), HTTP_ACCEPT="application/json")
    forbidden = client.post(url("line-approve", some.lines.get().pk), HTTP_ACCEPT="application/json")
    client.force_login(user("manager"))
    client.post(url("line-approve", some.lines.get().pk), **HTMX)
    client.force_login(rep)
    client.post(url("win", some.pk))

    assert "A manager must approve the price first: CHAI." in sheet
    assert (refused.json()["code"], forbidden.status_code) == ("approval-needed", 403)
    assert Deal.objects.get().status == "won"


def test_price_changes_are_kept_with_who_when_before_and_after(client, rep):
    offered()
    line = deal(("CHAI", "5"), by=rep).lines.get()
    client.post(url("line-change", line.pk), {"quantity": "5", "unit_price": "17", "discount": "5"}, **HTMX)

    (change,) = client.get(url("prices", line.deal_id)).context["changes"]

    assert (change["by"], change["old"].unit_price, change["new"].unit_price) == (rep, Decimal(18), Decimal(17))
    assert (change["old"].discount, change["new"].discount) == (Decimal(0), Decimal("0.05"))


def test_losing_withdrawing_and_deposits_have_their_sheets(client, rep):
    offered()
    lost, won = deal(("CHAI", "5"), by=rep), deal(("CHAI", "5"), by=rep)
    pipeline.win(won, rep)

    client.post(url("lose", lost.pk), {"why": "price", "words": "by a third"})
    client.post(url("deposit", won.pk), {"amount": "20", "reference": "cheque 4", "idempotency_key": str(uuid7())})
    unsaid = client.post(url("withdraw", won.pk), {"reason": ""})
    client.post(url("withdraw", won.pk), {"reason": "flood"})

    lost.refresh_from_db()
    assert (lost.status, lost.close_reason) == ("lost", "Too expensive: by a third")
    assert DepositReport.objects.get().reference == "cheque 4"
    assert unsaid.status_code == 422
    assert [fact.reason for fact in emitted(DealWithdrawn)] == ["flood"]


@pytest.mark.parametrize(("role", "may"), [("rep", False), ("agent", False), ("manager", True), ("admin", True)])
def test_who_may_change_another_reps_deal(client, role, may):
    offered()
    some = deal(("CHAI", "5"), by=user("rep", name="owner"))
    client.force_login(user(role, name=f"other-{role}"))

    page = client.get(url("detail", some.pk))
    answer = client.post(
        url("move", some.pk), {"stage": str(Stage.objects.last().pk)}, HTTP_ACCEPT="application/json", **HTMX
    )

    assert page.status_code == 200
    assert (b"Win this deal" in page.content) is may
    assert answer.status_code == (204 if may else 403)


def test_guests_sign_in_first_and_people_without_a_role_see_nothing(client):
    some = deal()

    assert client.get(url("board")).status_code == 302
    client.force_login(user())
    for page in (url("board"), url("list"), url("detail", some.pk), reverse("today:home")):
        assert client.get(page, HTTP_ACCEPT="application/json").status_code == 403


def test_terms_are_edited_until_the_win(client, rep):
    offered()
    some = deal(("CHAI", "5"), by=rep)
    terms = {"title": "Autumn", "requested_on": "2026-12-24", "freight": "7.50", "deposit_agreed": "20"}

    client.post(url("edit", some.pk), terms)
    some.refresh_from_db()
    assert (some.freight, some.requested_on, some.deposit_agreed) == (
        Decimal("7.50"),
        date(2026, 12, 24),
        Decimal("20.00"),
    )
    pipeline.win(some, rep)
    late = client.post(url("edit", some.pk), {**terms, "freight": "1"})

    assert late.status_code == 422
    assert Deal.objects.get().freight == Decimal("7.50")


def test_every_page_stands_without_javascript(client, rep):
    offered()
    some = deal(("CHAI", "5"), by=rep)

    pages = [url(name, some.pk) for name in ("detail", "win", "lose", "edit", "step", "deposit", "prices", "line-free")]
    pages += [url("new"), url("new-with", some.account_id), reverse("today:new"), reverse("today:log")]

    assert [client.get(page).status_code for page in pages] == [200] * len(pages)


def test_a_new_deal_begins_in_the_pipeline_it_is_made_from(client, rep):
    known = account("Ernst Handel")
    partners = Pipeline.objects.create(name="Partners", position=2)
    Stage.objects.create(pipeline=partners, name="Talk", position=1)
    board = client.get(url("board") + f"?pipeline={partners.pk}")
    sheet = client.get(
        reverse("today:new"), HTTP_HX_CURRENT_URL=f"http://testserver{url('board')}?pipeline={partners.pk}"
    )
    whom = client.get(board.context["new_url"]).content.decode()
    form = client.get(f"{url('new-with', known.pk)}?pipeline={partners.pk}").context["form"]

    client.post(url("new-with", known.pk), {"title": "Reseller", "pipeline": form["pipeline"].value()})
    client.post(url("new-with", known.pk), {"title": "Plain"})
    refused = client.post(url("new-with", known.pk), {"title": "Odd", "pipeline": str(uuid7())})

    assert board.context["new_url"] in sheet.content.decode()
    assert f"{url('new-with', known.pk)}?pipeline={partners.pk}" in whom
    stages = {one.title: one.stage.name for one in Deal.objects.select_related("stage")}
    assert (stages, refused.status_code) == ({"Reseller": "Talk", "Plain": "Lead-in"}, 422)


def test_a_pipeline_without_stages_takes_no_deal(client, rep):
    known, empty = account("Ernst Handel"), Pipeline.objects.create(name="Empty", position=2)

    refused = client.post(url("new-with", known.pk), {"title": "Odd", "pipeline": str(empty.pk)})

    assert (refused.status_code, Deal.objects.count()) == (422, 0)
    assert "has no stages yet" in refused.content.decode()
