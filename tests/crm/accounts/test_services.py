import pytest

from base.refusals import BadInput, ChangedMeanwhile
from crm.accounts import pool, services
from crm.accounts.models import Account
from crm.accounts.services import OwnedAlready, ReferenceTaken
from integration.contracts.customers import Address, CustomerRegistered, CustomerSnapshot, CustomerUpdated, Person
from tests.crm.makers import account, user
from tests.helpers import emitted

pytestmark = pytest.mark.django_db


def test_an_account_needs_only_a_name():
    made = services.create_account(name="  Ernst   Handel ")

    assert (made.name, made.registered, made.owner, made.version) == ("Ernst Handel", False, None, 1)
    assert emitted() == []


def test_an_account_without_a_name_is_refused_at_its_field():
    with pytest.raises(BadInput) as refused:
        services.create_account(name="   ")

    assert refused.value.field == "name"
    assert not Account.objects.exists()


def test_a_doubled_form_makes_one_account():
    first = account()
    again = services.create_account(name="Alfreds Futterkiste", id=first.pk)

    assert (again.pk, Account.objects.count()) == (first.pk, 1)


def test_a_reference_belongs_to_one_account():
    account("Alfreds Futterkiste", external_ref="ALFKI")

    with pytest.raises(ReferenceTaken) as refused:
        account("Alfred's", external_ref="ALFKI ")

    assert str(refused.value) == "The reference “ALFKI” belongs to another account already."


def test_a_mail_address_must_look_like_one():
    with pytest.raises(BadInput) as refused:
        account(email="maria at alfreds")

    assert refused.value.field == "email"


def test_registering_tells_the_erp_once():
    customer = account(
        city="Berlin", country="Germany", external_ref="ALFKI", contacts=[{"name": "Maria Anders", "title": "Sales"}]
    )

    services.register(customer)
    services.register(customer)
    services.register(Account.objects.get(pk=customer.pk))

    assert emitted() == [
        CustomerRegistered(
            customer=customer.pk,
            snapshot=CustomerSnapshot(
                customer=customer.pk,
                name="Alfreds Futterkiste",
                address=Address(city="Berlin", country="Germany"),
                people=(Person(name="Maria Anders", title="Sales"),),
                external_ref="ALFKI",
                version=1,
            ),
        )
    ]


def test_a_change_of_a_registered_customer_is_told_with_the_changed_fields():
    customer = services.register(account())

    services.update_account(customer, phone="030-0074321", city="Berlin", industry="Pet food")

    updated = emitted(CustomerUpdated)
    assert [fact.changed for fact in updated] == [("phone", "city")]
    assert (updated[0].snapshot.phone, updated[0].snapshot.address.city) == ("030-0074321", "Berlin")


@pytest.mark.parametrize("changes", [{}, {"industry": "Pet food"}, {"name": "Alfreds Futterkiste "}])
def test_what_the_erp_need_not_know_is_not_told(changes):
    customer = services.register(account())

    services.update_account(customer, **changes)

    assert emitted(CustomerUpdated) == []


def test_an_account_that_is_no_customer_yet_changes_in_silence():
    lead = account()

    services.update_account(lead, phone="1")
    services.add_contact(lead, name="Maria Anders")

    assert emitted() == []


def test_people_of_a_registered_customer_are_told():
    customer = services.register(account())

    contact = services.add_contact(customer, name="Maria Anders", email="maria@alfreds.example")
    services.update_contact(contact, title="Owner")
    services.update_contact(contact, title="Owner")
    services.remove_contact(contact)

    told = emitted(CustomerUpdated)
    assert [fact.changed for fact in told] == [("people",)] * 3
    assert [[one.title for one in fact.snapshot.people] for fact in told] == [[""], ["Owner"], []]


def test_nobody_overwrites_what_somebody_else_changed_meanwhile():
    mine = account()
    services.update_account(mine, phone="1")

    with pytest.raises(ChangedMeanwhile):
        services.update_account(mine, version=1, phone="2")

    assert Account.objects.get().phone == "1"


def test_a_free_account_is_taken_by_one_of_two():
    free, one, two = account(), user("rep", name="anna"), user("rep", name="ben")

    pool.claim(free.pk, one)
    with pytest.raises(OwnedAlready):
        pool.claim(free.pk, two)

    assert Account.objects.get().owner == one


@pytest.mark.parametrize(
    ("roles", "sees", "own", "free", "foreign"),
    [
        (("rep",), 2, True, True, False),
        (("agent",), 3, True, True, True),
        (("manager",), 3, True, True, True),
        ((), 0, False, False, False),
    ],
)
def test_who_sees_and_who_changes(roles, sees, own, free, foreign):
    me = user(*roles, name="me")
    mine, nobodys = account("Mine", owner=me), account("Nobody's")
    theirs = account("Theirs", owner=user("rep", name="other"))

    assert Account.objects.visible_to(me).count() == sees
    assert [one.writable_by(me) for one in (mine, nobodys, theirs)] == [own, free, foreign]
    expected = {one.pk for one, may in ((mine, own), (nobodys, free), (theirs, foreign)) if may}
    assert {one.pk for one in Account.objects.writable_by(me)} == expected


def test_search_finds_by_name_town_person_and_code():
    customer = account(city="Graz", external_ref="ERNSH", contacts=[{"name": "Roland Mendel", "phone": "7675-3425"}])
    account("Other")

    for text in ("futter", "graz", "mendel", "7675", "ernsh", "graz mendel"):
        assert [one.pk for one in Account.objects.matching(text)] == [customer.pk], text
    assert list(Account.objects.matching("graz other")) == []


def test_history_keeps_every_state():
    customer = account()
    services.update_account(customer, phone="1")

    assert list(customer.history.order_by("history_id").values_list("phone", flat=True)) == ["", "1"]
