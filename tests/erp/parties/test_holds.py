"""Who puts a customer on hold, or writes an order, does not release it."""

import pytest

from base import context
from erp.orders import services as orders
from erp.orders.refusals import SecondPersonReleases as OrderNeedsAnother
from erp.parties import services as parties
from erp.parties.models import Party
from erp.parties.services import SecondPersonReleases
from tests.erp.ledger.test_invariants import as_app, refused
from tests.erp.orders.makers import make_order, offer

pytestmark = pytest.mark.django_db


def held():
    offer()
    party = make_order(("CHAI", "2", "18.00")).party
    with context.acting("margaret"):
        return parties.class_party(party, on_hold=True, hold_reason="three bad months")


def test_a_hold_is_released_by_a_second_person():
    party = held()
    with pytest.raises(SecondPersonReleases), context.acting("margaret"):
        parties.class_party(party, on_hold=False)

    with context.acting("peter"):
        released = parties.class_party(party, on_hold=False)

    assert (released.on_hold, released.held_by, released.released_by) == (False, "margaret", "peter")


def test_the_database_releases_nobody_alone():
    held()

    for statement in (
        "UPDATE public.parties_party SET on_hold = false",
        "UPDATE public.parties_party SET on_hold = false, released_by = held_by",
    ):
        with refused("23514"):
            as_app(statement)
    assert Party.objects.get().on_hold is True


def test_whoever_wrote_an_order_does_not_release_it():
    offer()
    order = make_order(("CHAI", "2", "18.00"))
    type(order).objects.filter(pk=order.pk).update(status="held", reason_code="credit", created_by="nancy")
    with pytest.raises(OrderNeedsAnother), context.acting("nancy"):
        orders.release(order, "I know them")
    with refused("23514"):
        as_app("UPDATE public.orders_order SET released_by = created_by WHERE id = %s", order.pk)

    with context.acting("peter"):
        released = orders.release(order, "Paid by phone")

    assert (released.status, released.released_by) == ("accepted", "peter")
