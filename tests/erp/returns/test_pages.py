"""The pages of returns."""

from decimal import Decimal

import pytest
from django.test import Client, RequestFactory
from django.utils.timezone import localdate
from rest_framework.test import APIClient

from base.ids import uuid7
from erp.orders import trail
from erp.returns import services as returns
from erp.returns.models import Return
from integration.contracts.returns import WantedBack
from tests.erp.makers import company, user
from tests.erp.orders.makers import customer
from tests.erp.returns.makers import delivered, wished_back
from tests.helpers import page_queries

pytestmark = pytest.mark.django_db
D = Decimal
ROLES = ("order_desk", "warehouse", "accountant", "auditor", "admin")
STEPS = ("authorise", "refuse", "receive", "settle")


def browser(*roles):
    company()
    client = Client()
    client.force_login(user(*roles))
    return client


def api(*roles):
    client = APIClient()
    client.force_login(user(*roles))
    return client


def shown(client, path):
    return client.get(path).content.decode()


def path_of(goods, step=""):
    return f"/returns/{goods.pk}/{step}/" if step else f"/returns/{goods.pk}/"


def parcel(goods, *quantities, **more):
    lines = goods.lines.order_by("order_line__position")
    form = {f"line_{line.pk}": quantity for line, quantity in zip(lines, quantities, strict=True)}
    return {**form, "idempotency_key": str(uuid7()), **more}


def state(goods):
    return Return.objects.get(pk=goods.pk).status


def test_desk_warehouse_and_accountant_take_a_return_to_its_end():
    goods = wished_back(delivered(customer=customer("Ernst Handel")))
    desk, dock, books = browser("order_desk"), browser("warehouse"), browser("accountant")

    answers = [
        desk.post(path_of(goods, "authorise"), {"instructions": "Dock 2, weekdays"}),
        dock.post(path_of(goods, "receive"), parcel(goods, "2")),
        books.post(path_of(goods, "settle"), {"date": localdate().isoformat()}),
    ]

    goods.refresh_from_db()
    assert {answer.headers.get("Location") for answer in answers} == {path_of(goods)}
    assert (goods.status, goods.decided_by, goods.received_by) == ("settled", "order_desk", "warehouse")
    page = shown(books, path_of(goods))
    for words in ("Ernst Handel", "Dock 2, weekdays", "T-000001", goods.credit_note_number, goods.order.number, "STK-"):
        assert words in page
    assert "STK-" not in shown(dock, path_of(goods))
    assert goods.credit_note_number in shown(desk, "/returns/")


def test_goods_of_any_order_can_be_announced_from_its_page():
    order, desk = delivered(), browser("order_desk")
    page, line = f"/returns/of-order/{order.pk}/", order.lines.get()
    key = str(uuid7())

    assert page in shown(desk, order.get_absolute_url())
    assert "5 of 5 delivered can come back" in shown(desk, page)
    too_many = desk.post(page, {f"line_{line.pk}": "6", "reason": "broken"})
    silent = desk.post(page, {f"line_{line.pk}": "", "reason": "broken"})
    form = {f"line_{line.pk}": "2", "reason": "broken", "idempotency_key": key}
    done = [desk.post(page, form) for _again in range(2)]

    assert too_many.context["form"].errors == {
        f"line_{line.pk}": ["CHAI: 5 of 6 can come back; more was not delivered."]
    }
    assert silent.context["form"].errors == {"__all__": ["Choose at least one line."]}
    assert {answer["Location"] for answer in done} == {path_of(Return.objects.get())}
    assert browser("warehouse").get(page).status_code == 403


def test_the_api_opens_a_return():
    order = delivered()
    body = {"order": str(order.pk), "lines": [{"sku": "CHAI", "quantity": "2"}], "reason": "broken"}

    made = api("order_desk").post("/api/v1/returns/", body)
    too_many = api("order_desk").post("/api/v1/returns/", {**body, "lines": [{"sku": "CHAI", "quantity": "4"}]})

    assert (made.status_code, made.json()["lines"][0]["quantity"]) == (201, "2.0000")
    assert (too_many.status_code, too_many.json()["code"]) == (422, "not-delivered")
    assert api("warehouse").post("/api/v1/returns/", body).status_code == 403


def test_a_refusal_says_why():
    goods, desk = wished_back(), browser("order_desk")

    silent = desk.post(path_of(goods, "refuse"), {"reason": " "})
    desk.post(path_of(goods, "refuse"), {"reason": "Opened boxes stay open."})

    assert (silent.status_code, silent.context["form"].errors.keys()) == (422, {"reason"})
    assert state(goods) == "refused"
    assert "Opened boxes stay open." in shown(desk, path_of(goods))
    assert 'data-open="authorise"' not in shown(desk, path_of(goods))


def test_more_than_is_expected_is_refused_at_its_line():
    order = delivered(("CHAI", "5", "18.00"), ("SYRUP", "4", "18.00"))
    wanted = (WantedBack(sku="CHAI", quantity=D(2)), WantedBack(sku="SYRUP", quantity=D(4)))
    goods, dock = returns.authorise(wished_back(order, lines=wanted)), browser("warehouse")
    syrup = goods.lines.get(order_line__sku="SYRUP")

    offered = shown(dock, path_of(goods, "receive"))
    too_many = dock.post(path_of(goods, "receive"), parcel(goods, "1", "5"))
    nothing = dock.post(path_of(goods, "receive"), parcel(goods, "", "0"))
    odd = dock.post(path_of(goods, "receive"), parcel(goods, "-1", "many"))

    assert "4 of 4 still expected" in offered
    assert (too_many.status_code, too_many.context["form"].errors) == (
        422,
        {f"line_{syrup.pk}": ["SYRUP: 4 are still expected, 5 cannot be received."]},
    )
    assert nothing.context["form"].errors == {"__all__": ["Choose at least one line."]}
    assert len(odd.context["form"].errors) == 2
    assert state(goods) == "authorised"


def test_a_parcel_sent_twice_comes_in_once_and_the_rest_later():
    goods, dock = returns.authorise(wished_back(quantity="3")), browser("warehouse")
    form = parcel(goods, "1")

    answers = [dock.post(path_of(goods, "receive"), form) for _again in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert goods.lines.get().quantity_received == 1
    assert "Receive the rest" in shown(dock, path_of(goods))
    assert "2 of 3 still expected" in shown(dock, path_of(goods, "receive"))
    assert "Not all of it came" in shown(browser("accountant"), path_of(goods))
    dock.post(path_of(goods, "receive"), parcel(goods, "2"))
    assert "All of it is here" in shown(dock, path_of(goods, "receive"))


def test_what_was_not_invoiced_cannot_be_credited_and_the_page_says_so():
    goods = returns.receive(returns.authorise(wished_back(delivered(invoiced=False))))

    answer = browser("accountant").post(path_of(goods, "settle"), {"date": localdate().isoformat()})

    assert answer.context["form"].errors == {"__all__": ["Only 0 of CHAI can still be credited."]}
    assert state(goods) == "received"


def test_a_step_that_is_not_due_leads_back():
    goods, desk = wished_back(), browser("admin")

    for step in ("receive", "settle"):
        assert desk.get(path_of(goods, step))["Location"] == path_of(goods)
    late = desk.post(path_of(goods, "settle"), {"date": localdate().isoformat()})

    told = f"Return {goods.number} is requested; this step is not possible now."
    assert late.context["form"].errors == {"__all__": [told]}


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("order_desk", {"authorise", "refuse"}),
        ("warehouse", {"receive"}),
        ("accountant", {"settle"}),
        ("auditor", set()),
        ("admin", set(STEPS)),
    ],
)
def test_each_role_has_its_steps_and_all_may_look(role, allowed):
    goods, client = wished_back(), browser(role)

    refused = {step for step in STEPS if client.post(path_of(goods, step)).status_code == 403}

    assert refused == set(STEPS) - allowed
    assert [client.get(path).status_code for path in ("/returns/", path_of(goods))] == [200, 200]


def test_others_do_not_see_returns():
    goods, nobody = wished_back(), browser()

    assert [nobody.get(path).status_code for path in ("/returns/", path_of(goods))] == [403, 403]
    assert Client().get("/returns/").status_code == 302


def test_the_page_offers_what_the_role_may_do_next():
    goods = wished_back()

    def offers(role):
        page = shown(browser(role), path_of(goods))
        marks = {
            "authorise": 'data-open="authorise"',
            "refuse": 'data-open="refuse"',
            "receive": path_of(goods, "receive"),
            "settle": 'data-open="settle"',
        }
        return [step for step, mark in marks.items() if mark in page]

    assert {role: offers(role) for role in ROLES[:4]} == {
        "order_desk": ["authorise", "refuse"], "warehouse": [], "accountant": [], "auditor": [],
    }  # fmt: skip
    returns.authorise(goods)
    assert [offers("order_desk"), offers("warehouse")] == [["refuse"], ["receive"]]
    returns.receive(goods)
    assert [offers("order_desk"), offers("warehouse"), offers("accountant")] == [[], [], ["settle"]]


def test_the_orders_page_shows_returns_and_whose_turn_it_is():
    goods = wished_back()

    def offered(role):
        request = RequestFactory().get("/")
        request.user = user(role)
        return [
            str(action.label) for action in trail.actions(request, goods.order) if f"/returns/{goods.pk}/" in action.url
        ]

    request = RequestFactory().get("/")
    request.user = user("auditor")
    sections = "".join(trail.sections(request, goods.order))

    assert (goods.number in sections, 'id="returns"' in sections) == (True, True)
    assert {role: offered(role) for role in ROLES[:4]} == {
        "order_desk": ["Decide on the return"], "warehouse": [], "accountant": [], "auditor": [],
    }  # fmt: skip
    returns.authorise(goods)
    assert [offered("order_desk"), offered("warehouse")] == [[], ["Receive the return"]]
    returns.receive(goods)
    assert [offered("warehouse"), offered("accountant")] == [[], ["Settle the return"]]


def test_the_list_is_narrowed_by_words_and_state():
    first, second = wished_back(ticket_number="T-000007"), wished_back(delivered(customer=customer("Ernst Handel")))
    returns.authorise(second)
    page = browser("order_desk")

    def found(query):
        return [row.number for row in page.get(f"/returns/{query}").context["page"].rows]

    assert found("") == [second.number, first.number]
    assert found("?status=authorised") == [second.number]
    assert found("?status=nonsense") == [second.number, first.number]
    assert found("?q=T-000007") == [first.number]
    assert found("?q=ernst+handel") == [second.number]
    assert "No return fits" in shown(page, "/returns/?q=nothing")


def test_the_list_takes_the_same_queries_for_one_and_for_three(django_assert_num_queries):
    page = browser("warehouse")
    wished_back()
    page.get("/returns/")
    with django_assert_num_queries(page_queries(2)):
        page.get("/returns/")
    wished_back()
    wished_back()
    with django_assert_num_queries(page_queries(2)):
        assert len(page.get("/returns/").context["page"].rows) == 3


def test_administrators_look_at_returns_with_their_history():
    goods = returns.receive(returns.authorise(wished_back()))
    admin = browser("admin")
    boss = user("admin", name="boss")
    boss.is_staff = boss.is_superuser = True
    boss.save()
    admin.force_login(boss)

    pages = ["/admin/returns/return/", f"/admin/returns/return/{goods.pk}/change/",
             f"/admin/returns/return/{goods.pk}/history/", "/admin/returns/goodsback/?q=CHAI"]  # fmt: skip
    assert [admin.get(path).status_code for path in pages] == [200, 200, 200, 200]
    assert admin.get("/admin/returns/return/add/").status_code == 403
