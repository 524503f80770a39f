"""The desk: each role sees the work that is theirs, oldest first, and the books' figures where they may."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from base.ids import uuid7
from erp.banking.models import Deposit
from erp.desk import reports
from erp.desk.queues import QUEUES
from erp.ledger.models import Journal, Voucher
from erp.parties.models import Party
from erp.parties.services import open_party
from erp.returns.models import Return
from erp.shipping.models import Carrier
from erp.shipping.services import dispatch
from tests.erp.makers import company, user
from tests.erp.orders.makers import TODAY, customer, make_order, offer
from tests.helpers import page_queries

pytestmark = pytest.mark.django_db

D = Decimal


def counts(person):
    return {pile.queue.name: pile.count for pile in reports.desk(person).busy}


def sign_in(client, *roles):
    person = user(*roles)
    client.force_login(person)
    return person


def held_order():
    blocked = customer("QUICK-Stop")
    open_party(blocked)
    Party.objects.filter(customer=blocked.customer).update(on_hold=True)
    return make_order(("CHAI", "1", "18.00"), customer=blocked)


def deposit(party, due):
    return Deposit.objects.create(
        id=uuid7(),
        company=company(),
        deal=uuid7(),
        party=party,
        reported_amount=D("100.00"),
        reported_on=TODAY,
        reported_by="Maria",
        due_at=due,
    )


def test_every_piece_of_work_lands_in_its_queue():
    offer("CHAI", on_hand="5")
    held = held_order()
    shipped = make_order(("CHAI", "2", "18.00"))
    short = make_order(("CHAI", "10", "18.00"))
    keeper = user("warehouse")
    dispatch(shipped, None, Carrier.objects.get(name="Speedy Express"), "1", keeper, on=TODAY)
    deposit(short.party, timezone.now())
    Return.objects.create(number="RMA-000001", order=shipped)

    assert counts(user("order_desk")) == {"held": 1, "backorders": 1, "authorise": 1}
    assert counts(keeper) == {"ship": 1, "backorders": 1}
    assert counts(user("accountant")) == {"held": 1, "invoice": 1, "deposits": 1}
    assert counts(user("auditor")) == {
        "held": 1,
        "ship": 1,
        "backorders": 1,
        "invoice": 1,
        "deposits": 1,
        "authorise": 1,
    }
    row = next(pile for pile in reports.desk(user("order_desk")).busy if pile.queue.name == "held").rows[0]
    assert (row.label, row.party, row.amount) == (held.number, "QUICK-Stop", D("18.00"))


def test_a_deposit_shows_its_clock_and_the_first_due_comes_first():
    offer("CHAI")
    party = make_order(("CHAI", "1", "18.00")).party
    later = deposit(party, timezone.now() + timedelta(hours=4))
    late = deposit(party, timezone.now() - timedelta(hours=1))

    rows = next(pile for pile in reports.desk(user("accountant")).busy if pile.queue.name == "deposits").rows

    assert [(row.due, row.is_late) for row in rows] == [(late.due_at, True), (later.due_at, False)]


def test_nobody_approves_a_voucher_of_their_own():
    ours = company()
    writer, other = user("accountant", name="anna"), user("accountant", name="ben")
    voucher = Voucher.objects.create(
        company=ours, journal=Journal.objects.first(), date=TODAY, text="Rent", created_by=writer
    )
    voucher.submit()
    voucher.save()

    assert (counts(writer), counts(other)) == ({}, {"vouchers": 1})


def test_the_standing_is_what_the_books_say():
    offer("CHAI", on_hand="100", cost="10.00")

    standing = reports.desk(user("accountant")).standing

    assert (standing.stock, standing.cash, standing.sales_today) == (D("1000.00"), 0, 0)
    assert reports.desk(user("warehouse")).standing is None


def test_the_page_shows_the_work_and_a_key_for_each_queue(client):
    offer("CHAI")
    sign_in(client, "warehouse")
    order = make_order(("CHAI", "1", "18.00"))

    html = client.get("/").content.decode()

    assert order.number in html
    assert 'href="/shipping/waiting/" data-key="1"' in html


def test_the_desk_is_silent_until_something_changes(client):
    offer("CHAI")
    person = sign_in(client, "warehouse")
    revision = reports.desk(person).revision

    unchanged = client.get("/desk/live/", {"revision": revision})
    order = make_order(("CHAI", "1", "18.00"))
    changed = client.get("/desk/live/", {"revision": revision})

    assert unchanged.status_code == 204
    assert order.number in changed.content.decode()


def test_an_idle_desk_says_what_will_come(client):
    company()
    sign_in(client, "warehouse")

    assert "Nothing is due" in client.get("/").content.decode()


@pytest.mark.parametrize("queue", [queue.name for queue in QUEUES])
def test_each_queue_opens_for_its_roles_and_for_no_other(client, queue):
    roles = next(known.roles for known in QUEUES if known.name == queue)
    company()

    seen = {}
    for role in ("accountant", "warehouse", "order_desk", "auditor"):
        sign_in(client, role)
        seen[role] = client.get(f"/desk/{queue}/", follow=True).status_code

    menders_only = queue == "mend"
    assert {role for role, status in seen.items() if status == 200} == {*roles, *(() if menders_only else ["auditor"])}
    assert client.get("/desk/unheard-of/").status_code == 404


def test_a_queue_and_its_list_hold_the_same(client):
    """What the desk counts is what its list shows, for every queue in which something waits."""
    offer("CHAI", on_hand="5")
    held_order()
    shipped, short = make_order(("CHAI", "2", "18.00")), make_order(("CHAI", "10", "18.00"))
    dispatch(shipped, None, Carrier.objects.get(name="Speedy Express"), "1", user("warehouse"), on=TODAY)
    make_order(("CHAI", "1", "18.00"))
    deposit(short.party, timezone.now())
    Return.objects.create(number="RMA-000001", order=shipped)
    boss = sign_in(client, "admin")
    for writer in (boss, user("accountant", name="ben")):
        voucher = Voucher.objects.create(
            company=company(), journal=Journal.objects.first(), date=TODAY, text="Rent", created_by=writer
        )
        voucher.submit()
        voucher.save()

    busy = reports.desk(boss).busy

    assert {pile.queue.name for pile in busy} >= {"held", "ship", "backorders", "invoice", "deposits", "vouchers"}
    for pile in busy:
        assert len(client.get(pile.queue.url).context["page"].rows) == pile.count, pile.queue.name


@pytest.mark.parametrize("path", ["/", "/shipping/waiting/"])
def test_one_order_and_three_cost_the_same_queries(client, path, django_assert_num_queries):
    offer("CHAI")
    sign_in(client, "warehouse")
    make_order(("CHAI", "1", "18.00"))
    client.get(path)
    budget = page_queries({"/": 4, "/shipping/waiting/": 1}[path])
    with django_assert_num_queries(budget):
        client.get(path)
    make_order(("CHAI", "1", "18.00"))
    make_order(("CHAI", "1", "18.00"))
    with django_assert_num_queries(budget):
        client.get(path)


def test_a_day_wanted_is_late_only_when_it_is_over():
    from erp.desk.queues import _end_of

    assert _end_of(TODAY) == datetime(2026, 11, 23, 23, 59, 59, 999999, tzinfo=UTC)
    assert _end_of(None) is None
