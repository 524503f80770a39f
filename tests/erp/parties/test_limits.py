"""A larger credit limit takes two people, by every door; a smaller one takes one."""

from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from base import context
from erp.desk import reports
from erp.parties import limits
from erp.parties import services as parties
from erp.parties.models import Party
from integration.contracts.credit import CreditLimited
from tests.erp.ledger.test_invariants import as_app, refused
from tests.erp.makers import user
from tests.erp.orders.makers import make_order, offer
from tests.helpers import emitted

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def party():
    offer()
    found = make_order(("CHAI", "2", "18.00")).party
    return parties.class_party(found, credit_limit=D("20000.00"))


def asked_by(name, party, limit):
    with context.acting(name):
        return limits.ask(party, limit)


@pytest.mark.parametrize("limit", [D("30000.00"), None])
def test_a_larger_limit_or_none_waits_for_a_second_person(party, limit):
    waiting = asked_by("mia", party, limit)

    assert (waiting.credit_limit, waiting.limit_waits, waiting.limit_asked) == (D("20000.00"), True, limit)
    with pytest.raises(limits.AnotherApproves), context.acting("mia"):
        limits.approve(party)
    with context.acting("noah"):
        given = limits.approve(party)
    assert (given.credit_limit, given.limit_waits, given.limit_asked) == (limit, False, None)
    assert (given.limit_asked_by, given.limit_approved_by) == ("mia", "noah")
    assert [fact.limit for fact in emitted(CreditLimited)][-1] == limit
    with pytest.raises(limits.NothingAsked), context.acting("noah"):
        limits.approve(party)


def test_what_takes_no_risk_takes_one_person(party):
    assert asked_by("mia", party, D("15000.00")).credit_limit == D("15000.00")
    small = asked_by("mia", parties.class_party(party, credit_limit=D("100.00")), D("9999.99"))
    assert (small.credit_limit, small.limit_waits) == (D("9999.99"), False)


def test_a_limit_that_is_lowered_meanwhile_is_not_raised_by_an_old_wish(party):
    asked_by("mia", party, D("30000.00"))
    with context.acting("noah"):
        parties.class_party(party, credit_limit=D("5000.00"))

    with pytest.raises(limits.NothingAsked), context.acting("noah"):
        limits.approve(party)
    assert Party.objects.get().credit_limit == D("5000.00")


def test_nobody_raises_a_limit_alone_by_another_door(party):
    with pytest.raises(parties.LimitTakesTwo), context.acting("mia"):
        parties.class_party(party, credit_limit=D("30000.00"))


def test_the_page_asks_and_another_person_approves_there(party, client):
    mia, noah = user("accountant", name="mia"), user("accountant", name="noah")
    told = {"payment_terms_days": "14", "credit_limit": "30000", "why": "They grow", "version": party.version}
    client.force_login(mia)
    client.post(f"/parties/{party.pk}/terms/", told)

    party.refresh_from_db()
    assert (party.payment_terms_days, party.credit_limit, party.limit_asked) == (14, D("20000.00"), D("30000.00"))
    page = client.get(party.get_absolute_url()).content.decode()
    assert "mia asks for" in page
    assert "approve-limit" not in page
    client.post(f"/parties/{party.pk}/limit/approve/")
    party.refresh_from_db()
    assert party.credit_limit == D("20000.00")

    assert [pile.count for pile in reports.desk(noah).piles if pile.queue.name == "limits"] == [1]
    client.force_login(noah)
    assert "approve-limit" in client.get(party.get_absolute_url()).content.decode()
    client.post(f"/parties/{party.pk}/limit/approve/")
    party.refresh_from_db()
    assert (party.credit_limit, party.limit_waits) == (D("30000.00"), False)


def test_a_limit_is_declined_with_a_reason(party, client):
    asked_by("mia", party, D("30000.00"))
    client.force_login(user("accountant", name="noah"))
    client.post(f"/parties/{party.pk}/limit/decline/", {"reason": " "})
    assert Party.objects.get().limit_waits
    client.post(f"/parties/{party.pk}/limit/decline/", {"reason": "They pay late"})

    left = Party.objects.get()
    assert (left.credit_limit, left.limit_waits, left.limit_asked) == (D("20000.00"), False, None)
    assert left.history.first().history_change_reason == "They pay late"


def test_who_asked_hears_what_became_of_it(party):
    mia, noah = (user("accountant", name=name) for name in ("mia", "noah"))
    asked_by("mia", party, D("30000.00"))
    with context.acting("noah"):
        limits.decline(party, "They pay late")
    asked_by("mia", party, D("25000.00"))
    with context.acting("noah"):
        limits.approve(party)
    asked_by("mia", party, D("35000.00"))
    with context.acting("mia"):
        limits.decline(party, "I thought better of it")

    told = [(one.text, one.tone, one.url) for one in mia.notices.order_by("pk")]
    assert told == [
        (f"noah declined the credit limit you asked for {party}: They pay late", "bad", party.get_absolute_url()),
        (f"noah approved the credit limit you asked for {party}.", "good", party.get_absolute_url()),
    ]
    assert not noah.notices.exists()


def bearing(person):
    """A program that shows the person's token."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {person.api_tokens.model.issue(person, 'limits')[1]}")
    return client


def test_programs_ask_and_approve_too(party):
    mia, noah = (bearing(user("accountant", name=name)) for name in ("mia", "noah"))
    path = f"/api/v1/parties/{party.pk}/"
    alone = mia.patch(path, {"credit_limit": "30000.00"}, format="json")
    asked = mia.post(f"{path}ask-limit/", {"credit_limit": "30000.00"}, format="json")
    mine = mia.post(f"{path}approve-limit/")
    theirs = noah.post(f"{path}approve-limit/")
    again = noah.post(f"{path}decline-limit/", {"reason": "late"}, format="json")

    assert [one.status_code for one in (alone, asked, mine, theirs, again)] == [409, 200, 403, 200, 409]
    assert asked.json()["limit_waits"] is True
    assert (theirs.json()["credit_limit"], theirs.json()["limit_approved_by"]) == ("30000.00", "noah")


def test_the_database_approves_nobodys_own_wish(party):
    asked_by("mia", party, D("30000.00"))
    for statement in (
        "UPDATE public.parties_party SET limit_approved_by = limit_asked_by",
        "UPDATE public.parties_party SET limit_waits = false",
    ):
        with refused("23514"):
            as_app(statement)
