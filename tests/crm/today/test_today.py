"""The day begins with what to do, what is new, and what is open."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from base.ids import uuid7
from crm.activities.models import Entry
from crm.pipeline import services as pipeline
from crm.pipeline.models import Deal
from integration.contracts.orders import OrderAccepted
from tests.crm.makers import account, deal, offered, user
from tests.helpers import deliver

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def rep(client):
    somebody = user("rep")
    client.force_login(somebody)
    return somebody


def home(client):
    return client.get(reverse("today:home"))


def log(client, query, **typed):
    key = {"idempotency_key": str(uuid7())}
    return client.post(f"{reverse('today:log')}?{query}", {"kind": "call", "outcome": "interested", **key, **typed})


def test_steps_that_are_due_come_first_the_oldest_on_top(client, rep):
    today = timezone.localdate()
    for days in (0, -2, 1):
        deal(by=rep, next_step=f"step {days}", next_step_on=today + timedelta(days=days))
    deal(by=user("rep", name="other"), next_step="theirs", next_step_on=today)

    steps = home(client).context["steps"]

    assert [(step.text, step.overdue) for step in steps] == [("step -2", True), ("step 0", False)]


def test_logging_a_call_ends_the_step_and_plans_the_next(client, rep):
    today = timezone.localdate()
    some = deal(by=rep, next_step="Call", next_step_on=today)

    answer = log(client, f"deal={some.pk}", next_step="Send the offer", in_days="7")

    some.refresh_from_db()
    assert (answer.status_code, answer.url) == (302, some.get_absolute_url())
    assert (some.next_step, some.next_step_on) == ("Send the offer", today + timedelta(days=7))
    assert Entry.objects.get(kind="call").deal == some.pk
    assert home(client).context["steps"] == []


def test_a_step_agreed_without_a_deal_is_answered_by_the_next_log(client, rep):
    customer, today = account(owner=rep), timezone.localdate()
    log(client, f"account={customer.pk}", kind="visit", next_step="Bring samples", next_step_on=today.isoformat())
    (step,) = home(client).context["steps"]

    log(client, step.log_url.partition("?")[2])

    assert step.text == "Bring samples"
    assert home(client).context["steps"] == []


def test_a_log_needs_its_one_field_and_says_so(client, rep):
    customer = account()

    call = log(client, f"account={customer.pk}", outcome="")
    note = log(client, f"account={customer.pk}", kind="note", outcome="", text=" ")

    assert (call.status_code, list(call.context["form"].errors)) == (422, ["outcome"])
    assert (note.status_code, list(note.context["form"].errors)) == (422, ["text"])
    assert Entry.objects.count() == 0


def test_a_doubled_log_is_one_entry(client, rep):
    customer, key = account(), str(uuid7())

    for _again in range(2):
        log(client, f"account={customer.pk}", idempotency_key=key)

    assert Entry.objects.count() == 1


def test_news_from_the_erp_come_by_themselves_and_only_to_whom_they_concern(client, rep):
    offered()
    some = pipeline.win(deal(("CHAI", "5"), by=rep), rep)
    theirs = pipeline.win(deal(("CHAI", "5"), by=user("rep", name="other"), of=account("Theirs")), user("rep"))
    seen = home(client).context["revision"]
    before = client.get(f"{reverse('today:news')}?revision={seen}", **HTMX)

    for number, one in (("SO-1", some), ("SO-2", theirs)):
        deliver(OrderAccepted(order=uuid7(), number=number, deal=one.pk, currency="EUR", net_total=Decimal(90)))
    after = client.get(f"{reverse('today:news')}?revision={seen}", **HTMX)

    assert (before.status_code, after.status_code) == (204, 200)
    assert [line["title"] for line in after.context["news"]] == ["Order SO-1 accepted"]


def test_open_deals_at_a_glance_sum_exactly(client, rep):
    offered()
    deal(("CHAI", "5"), by=rep)
    deal(("CHAI", "7", "0.05"), by=rep)
    pipeline.win(deal(("CHAI", "1"), by=rep), rep)

    told = home(client).context["open"]

    assert (told["count"], told["totals"], told["won"]) == (
        2,
        [(Decimal("209.70"), "EUR")],
        [(Decimal("18.00"), "EUR")],
    )


def test_an_agent_logs_but_makes_no_deal(client):
    client.force_login(user("agent"))
    customer = account()

    choices = client.get(reverse("today:new")).context["choices"]
    log(client, f"account={customer.pk}")

    assert reverse("pipeline:new") not in [choice[0] for choice in choices]
    assert Entry.objects.count() == 1
    assert Deal.objects.count() == 0


def test_an_unknown_or_garbled_id_is_not_found(client, rep):
    for query in ("deal=nonsense", f"account={uuid7()}"):
        assert client.get(f"{reverse('today:log')}?{query}").status_code == 404


def test_the_likeliest_are_offered_and_another_s_account_cannot_be_named(client, rep):
    other = account("Hidden", owner=user("rep", name="other"))
    mine = [account(name, owner=rep) for name in ("A", "B", "C", "D")]
    deal(of=mine[3], by=rep, next_step="Call", next_step_on=timezone.localdate())
    log(client, f"account={mine[2].pk}")

    offered_here = [
        name for _pk, name in client.get(reverse("today:log")).context["form"].fields["account"].widget.choices
    ]
    refused = log(client, "", account=other.pk)
    logged = log(client, "", account=mine[1].pk)

    assert offered_here == ["D", "C", "A"]
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["account"])
    assert (logged.status_code, Entry.objects.latest("id").account) == (302, mine[1])
