"""Two customers of the CRM become one, and two again: their parties are linked, and documents stay where they are."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from base import context
from base.ids import uuid7
from erp.orders import reports
from erp.orders import services as orders
from erp.parties import services as parties
from erp.parties.models import Party
from integration.contracts.credit import CreditBanded
from integration.contracts.customers import CustomerMerged, CustomerSplit
from integration.contracts.parties import PartyClassed, PartyOpened
from integration.inbox import Awaiting
from tests.erp.makers import company, user
from tests.erp.orders.makers import customer, make_order, offer, promise
from tests.helpers import deliver, emitted

pytestmark = pytest.mark.django_db


def opened(*names):
    company()
    told = [customer(name) for name in names]
    for one in told:
        parties.open_party(one)
    return told


def merged(whole, part, **meta):
    deliver(CustomerMerged(customer=whole.customer, merged=part.customer, snapshot=whole), **meta)


def split(whole, part, *along):
    facts = {"split": part.customer, "along": tuple(one.customer for one in along)}
    deliver(CustomerSplit(customer=whole.customer, snapshot=whole, **facts))


def links():
    """Part → whole, by name."""
    return dict(Party.objects.exclude(merged_into=None).values_list("name", "merged_into__name"))


def test_a_merge_links_the_parties_once_and_a_split_undoes_it():
    whole, part = opened("Ernst Handel", "Ernst GmbH")
    now = whole.model_copy(update={"phone": "+43 316 1"})
    for _ in range(2):
        merged(now, part)
        assert links() == {"Ernst GmbH": "Ernst Handel"}
    assert Party.objects.get(customer=whole.customer).phone == "+43 316 1"
    assert Party.history.filter(customer=part.customer).count() == 2

    for _ in range(2):
        split(whole, part)
        assert links() == {}
    assert Party.objects.get(customer=whole.customer).phone == ""
    assert [fact.customer for fact in emitted(PartyClassed)] == [part.customer]


def test_documents_stay_and_what_was_promised_before_the_merge_still_goes_to_its_own_party():
    offer()
    before = make_order(("CHAI", "1", "18.00"))
    part = parties.Party.objects.get()
    whole = customer("Ernst Handel")
    parties.open_party(whole)
    told = part_told = customer(part.name).model_copy(update={"customer": part.customer})
    merged(whole, part_told)

    late = orders.receive_promise(promise(("CHAI", "1", "18.00")).model_copy(update={"customer": told}))

    before.refresh_from_db()
    assert (before.party, late.party) == (part, part)


def test_the_one_that_stays_is_opened_when_it_is_new_and_the_other_is_waited_for():
    (part,) = opened("Ernst GmbH")
    whole, stranger = customer("Ernst Handel"), customer("Nobody yet")

    merged(whole, part)
    with pytest.raises(Awaiting):
        merged(whole, stranger)
    merged(whole, stranger, backfill=True)  # history told again: it never was a party here

    assert links() == {"Ernst GmbH": "Ernst Handel"}
    assert [fact.customer for fact in emitted(PartyOpened)] == [part.customer, whole.customer]


def test_a_link_leads_to_the_one_at_the_top_in_whatever_order_it_is_heard():
    top, middle, low = opened("Top", "Middle", "Low")
    merged(middle, low)
    merged(top, middle)
    assert links() == {"Middle": "Top", "Low": "Top"}
    split(top, middle, low)
    assert links() == {"Low": "Middle"}
    split(middle, low)

    merged(top, middle)
    merged(middle, low)  # told first, heard last
    assert links() == {"Middle": "Top", "Low": "Top"}


def test_what_is_still_a_part_of_another_waits_for_that_split():
    first, second, part = opened("First", "Second", "Part")
    merged(first, part)
    with pytest.raises(Awaiting):
        merged(second, part)
    with pytest.raises(Awaiting):
        merged(part, first)

    split(first, part)
    merged(second, part)

    assert links() == {"Part": "Second"}


@pytest.mark.parametrize(
    ("part", "whole"), [("Part", "Part"), ("Whole", "Part"), ("Third", "Part"), ("Whole", "Third"), ("Third", "Paper")]
)
def test_the_database_knows_no_circle_and_no_chain(part, whole):
    one, other, _third = opened("Whole", "Part", "Third")
    parties.open_supplier("Paper")
    merged(one, other)
    link = "UPDATE parties_party SET merged_into_id = (SELECT id FROM parties_party WHERE name = %s) WHERE name = %s"

    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(link, [whole, part])

    assert links() == {"Part": "Whole"}


def test_both_pages_and_the_api_show_the_link():
    whole, part = opened("Ernst Handel", "Ernst GmbH")
    merged(whole, part)
    top, low = Party.objects.get(customer=whole.customer), Party.objects.get(customer=part.customer)
    page = Client()
    page.force_login(user("accountant"))

    assert top.get_absolute_url() in page.get(f"/parties/{low.pk}/").content.decode()
    assert low.get_absolute_url() in page.get(f"/parties/{top.pk}/").content.decode()
    told = page.get("/api/v1/parties/?merged=true").json()["results"]
    assert [(one["id"], one["merged_into"]) for one in told] == [(str(low.pk), str(top.pk))]
    assert page.get(f"/api/v1/parties/?merged_into={uuid7()}").json()["results"] == []


def test_what_both_owe_counts_against_the_limit_of_the_one_that_stays():
    offer()
    whole, part = opened("Ernst Handel", "Ernst GmbH")
    parties.class_party(Party.objects.get(customer=whole.customer), credit_limit=Decimal("90.00"))
    orders.receive_promise(promise(("CHAI", "3", "18.00"), customer=part))
    assert emitted(CreditBanded) == []

    merged(whole, part)

    assert [(fact.customer, fact.band) for fact in emitted(CreditBanded)] == [(whole.customer, "watch")]
    late = orders.receive_promise(promise(("CHAI", "3", "18.00"), customer=whole))
    assert (late.status, late.reason_code) == ("held", "credit")
    assert reports.exposure(Party.objects.get(customer=part.customer)) == reports.exposure(late.party) > 0

    split(whole, part)

    assert reports.exposure(Party.objects.get(customer=whole.customer)) == 0
    assert [(fact.customer, fact.band) for fact in emitted(CreditBanded)][1:] == [(whole.customer, "open")]
    again = orders.receive_promise(promise(("CHAI", "3", "18.00"), customer=whole, deal=uuid7()))
    assert again.status == "accepted"


def test_a_hold_goes_along_and_who_set_it_does_not_release_it():
    offer()
    whole, part = opened("Ernst Handel", "Ernst GmbH")
    with context.acting("mia"):
        parties.class_party(Party.objects.get(customer=part.customer), on_hold=True, hold_reason="Pays late")

    merged(whole, part)

    stays = Party.objects.get(customer=whole.customer)
    assert (stays.on_hold, stays.hold_reason, stays.held_by) == (True, "Pays late", "mia")
    assert orders.receive_promise(promise(("CHAI", "1", "18.00"), customer=whole)).status == "held"
    with context.acting("mia"), pytest.raises(parties.SecondPersonReleases):
        parties.class_party(stays, on_hold=False)
