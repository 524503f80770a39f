"""Two customers that become one keep two parties: nothing of them is a conflict, before or after the split."""

import pytest

from base.ids import uuid7
from integration.contracts.customers import CustomerMerged, CustomerSnapshot, CustomerSplit
from integration.contracts.parties import PartyClassed
from integration.hub import erasing, known, observing
from integration.hub.models import Archived, Case, Known, Mapping
from tests.integration.hub.facts import accepted, catalogue, customer, party, tell, won
from tests.integration.hub.test_erasing import person

pytestmark = pytest.mark.django_db
NAME = "Ernst Handel & Söhne"


def merged(client):
    """A customer and another that became a part of it; the words of the merge are the hub's last of the first."""
    whole, part = customer(), customer(name="Ernst GmbH")
    for number, one in enumerate((whole, part), 1):
        tell(client, one)
        tell(client, party(one.customer, f"C0000{number}"))
    told = CustomerSnapshot(customer=whole.customer, name=NAME, version=2)
    tell(client, CustomerMerged(customer=whole.customer, merged=part.customer, snapshot=told), 2)
    return told, part


def test_each_keeps_its_party_and_what_comes_late_for_the_other_is_no_conflict(client):
    catalogue(client)
    whole, part = merged(client)
    deal = uuid7()

    tell(client, won(deal, buyer=part.customer))
    tell(client, accepted(deal=deal))
    tell(client, PartyClassed(customer=part.customer, party="C00002", payment_terms_days=14), 2)
    tell(client, CustomerSplit(customer=whole.customer, split=part.customer, snapshot=whole), 3)

    assert list(Case.objects.values_list("cause", flat=True)) == []
    assert dict(Mapping.objects.values_list("party", "customer")) == {
        "C00001": whole.customer,
        "C00002": part.customer,
    }
    assert Mapping.objects.get(party="C00001").name == NAME
    assert Known.objects.get(name=f"customer:{whole.customer}").facts["version"] == 2
    known.rebuild()
    assert Known.objects.get(name=f"customer:{whole.customer}").facts["name"] == NAME


@pytest.mark.parametrize("which", ["whole", "part"])
def test_who_is_erased_is_erased_in_the_merge_too(client, which):
    whole, part = merged(client)
    meant = whole.customer if which == "whole" else part.customer

    erasing.erase(f"customer:{meant}", person("admin"), "asked for")

    assert bytes(Archived.objects.get(type=CustomerMerged.type).body) == b""


def test_the_step_that_takes_customers_takes_their_merges():
    wanted = dict(observing.STEPS)["key_points"]

    assert {CustomerMerged.type, CustomerSplit.type} < set(wanted)
