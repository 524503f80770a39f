"""Two accounts or contacts become one, exactly as shown, and two again within thirty days; the ERP is told."""

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from base.days import house_day
from base.refusals import BadInput, ChangedMeanwhile, NotFound, Refused
from crm.accounts import merging, sharing, snapshots
from crm.accounts import services as accounts
from crm.accounts.merging import NotOfOneAccount, SplitAlready, TooLate, WinnerGone
from crm.accounts.models import Account, Contact, Merge
from crm.accounts.services import AccountOfAnother
from crm.activities import services as activities
from crm.activities.models import Entry
from crm.leads import conversion, handovers
from crm.leads import services as leads
from crm.leads.models import Conversion, Handover
from crm.pipeline import taking_over
from crm.pipeline.models import Deal, Stage
from crm.pipeline.pricing import NewLine
from crm.tickets import services as tickets
from crm.tickets.models import Ticket
from integration.contracts.customers import CustomerMerged, CustomerRegistered, CustomerSplit, CustomerUpdated
from tests.crm.makers import account, deal, offered, user
from tests.helpers import emitted

D = Decimal


def two(**more):
    """Ernst Handel twice: once with a town and a customer's past, once with a phone and all that can hang on it."""
    boss = user("manager", name="boss")
    offered()
    first = account("Ernst Handel", city="Graz", owner=user("rep", name="anna"))
    second = account(
        "Ernst Handel GmbH", phone="+43 316 765432", city="Wien", external_ref="E-2",
        contacts=[{"name": "Roland Mendel", "email": "roland@example.com"}], owner=user("rep", name="bert"), **more,
    )  # fmt: skip
    person = second.contacts.get()
    accounts.update_account(second, owner=None)
    accounts.update_account(second, owner=user("rep", name="bert"))
    deal(("CHAI", "5"), of=second, by=boss)
    taking_over.take_over([
        taking_over.FoundDeal(
            id=Merge._meta.pk.get_default(), account=second, owner=boss, stage=Stage.objects.first(), status="won",
            closed_on=date(2020, 5, 1), lines=[NewLine("CHAI", D(1))],
        )
    ])  # fmt: skip
    activities.note(second, "Saw them", by=boss)
    Entry.objects.update(contact=person)
    tickets.open_ticket(account=second, subject="Late", by=boss)
    Ticket.objects.update(contact=person)
    lead = leads.create_lead(person="Roland", company="Ernst", owner=boss)
    conversion.convert(lead, by=boss, account=second, contact=person)
    handovers.ask("account", second.pk, by=boss)
    sharing.share(second, user("rep", name="carl"), until=house_day(), by=boss)
    return first, second, boss


def everything():
    """All rows of all tables that hang on accounts and contacts, and these themselves."""
    kept = {}
    for model in (Account, Contact, *{one.model for one in [*merging.followers(Account), *merging.followers(Contact)]}):
        names = [one.attname for one in model._meta.concrete_fields if one.name not in ("updated_at", "version")]
        kept[model._meta.label] = sorted(map(str, model._base_manager.values_list(*names)))
    return kept


@pytest.mark.django_db
@pytest.mark.parametrize("target", [Account, Contact])
def test_every_foreign_key_to_them_follows(target):
    """Found in the models, not in a list of ours: a new table that hangs on an account must say so, or this fails."""
    found = {
        f"{relation.related_model._meta.label}.{relation.field.name}"
        for relation in target._meta.get_fields(include_hidden=True)
        if relation.auto_created
        and not relation.concrete
        and "historical" not in relation.related_model._meta.model_name
    }

    assert {one.key for one in merging.followers(target)} == found
    assert len(found) >= 3


@pytest.mark.django_db
def test_what_is_shown_is_what_is_done_and_a_split_brings_all_of_it_back():
    first, second, boss = two()
    before = everything()
    plan = merging.plan(first, second, by=boss)

    made = merging.merge(first, second, by=boss, mark=plan.mark)

    result = Account.objects.get()
    assert {one.name: getattr(result, one.name) for one in plan.fields} == {one.name: one.result for one in plan.fields}
    assert (result.city, result.phone, result.external_ref) == ("Graz", "+43 316 765432", "E-2")
    for one in merging.followers(Account):
        assert sorted(str(pk) for pk in one.rows(first.pk).values_list("pk", flat=True)) == sorted(plan.rows[one.key])
        assert plan.rows[one.key] != [], f"nothing of {one.key} was there to follow"
    assert made.rows == plan.rows

    merging.split(made, by=boss)

    assert everything() == before


@pytest.mark.django_db
def test_where_both_say_something_one_chooses():
    first, second, boss = two()

    merging.merge(first, second, by=boss, take=["city", "name"])

    assert [(one.name, one.city) for one in Account.objects.all()] == [("Ernst Handel GmbH", "Wien")]
    with pytest.raises(BadInput):
        merging.plan(first, first, by=boss)
    with pytest.raises(BadInput):
        merging.plan(Account.objects.get(), account("Other"), by=boss, take=["credit_class"])


@pytest.mark.django_db
def test_what_changed_since_the_preview_is_looked_at_again():
    first, second, boss = two()
    mark = merging.plan(first, second, by=boss).mark
    activities.note(second, "One more", by=boss)

    with pytest.raises(ChangedMeanwhile):
        merging.merge(first, second, by=boss, mark=mark)

    assert Account.objects.count() == 2


@pytest.mark.django_db
def test_what_happened_in_between_stays_where_it_happened():
    first, second, boss = two()
    moved = Deal.objects.get(account=second, status="open")
    made = merging.merge(first, second, by=boss)
    result = Account.objects.get()
    later = deal(("CHAI", "1"), of=result, by=boss)
    accounts.update_account(result, phone="+43 1 111111")
    Deal.objects.filter(pk=moved.pk).delete()

    back = merging.split(made, by=boss)

    result.refresh_from_db()
    assert (result.phone, result.external_ref, back.phone, back.external_ref) == (
        "+43 1 111111", None, "+43 316 765432", "E-2",
    )  # fmt: skip
    assert Deal.objects.get(pk=later.pk).account == result


@pytest.mark.django_db
def test_what_only_the_crm_knew_changes_the_customer_of_the_erp_and_no_more():
    first, second, boss = two()
    accounts.register(first)
    accounts.hear_party(first.pk, party="C-1", payment_terms_days=30, commercial_tier="", credit_class="A",
                        as_of=datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip

    made = merging.merge(Account.objects.get(pk=first.pk), second, by=boss)

    result = Account.objects.get()
    assert (result.pk, result.party_code, result.registered) == (first.pk, "C-1", True)
    (told,) = emitted(CustomerUpdated)
    assert set(told.changed) == {"phone", "external_ref", "people"}
    assert [person.name for person in told.snapshot.people][-1] == "Roland Mendel"
    merging.split(made, by=boss)
    again = emitted(CustomerUpdated)[-1]
    assert "Roland Mendel" not in [person.name for person in again.snapshot.people]
    assert (emitted(CustomerMerged), emitted(CustomerSplit)) == ([], [])


@pytest.mark.django_db
@pytest.mark.parametrize("first_too", [True, False])
def test_when_a_customer_of_the_erp_is_merged_the_erp_is_told_and_what_stays_is_a_customer(first_too):
    first, second, boss = two()
    if first_too:
        accounts.register(first)
    accounts.register(second)

    made = merging.merge(first, Account.objects.get(pk=second.pk), by=boss)

    result = Account.objects.get()
    assert result.registered
    assert {first.pk, second.pk} == {fact.customer for fact in emitted(CustomerRegistered)}
    told = CustomerMerged(customer=first.pk, merged=second.pk, snapshot=accounts.snapshot(result))
    assert emitted(CustomerMerged) == [told]
    assert list(snapshots.customer(first.pk))[1:] == [told]

    back = merging.split(made, by=boss)

    result.refresh_from_db()
    assert (back.registered, result.registered) == (True, True)
    assert emitted(CustomerSplit) == [
        CustomerSplit(customer=first.pk, split=second.pk, snapshot=accounts.snapshot(result))
    ]
    assert len(list(snapshots.customer(first.pk))) == 1


@pytest.mark.django_db
def test_what_was_a_part_of_the_one_that_is_split_goes_along():
    first, second, boss = two()
    accounts.register(second)
    top = account("Top")
    merging.merge(first, Account.objects.get(pk=second.pk), by=boss)
    above = merging.merge(top, Account.objects.get(pk=first.pk), by=boss)
    assert {one.merged for one in list(snapshots.customer(top.pk))[1:]} == {first.pk, second.pk}

    merging.split(above, by=boss)

    (told,) = emitted(CustomerSplit)
    assert (told.customer, told.split, told.along) == (top.pk, first.pk, (second.pk,))


@pytest.mark.django_db
def test_only_who_may_change_both_may_merge_and_split():
    first, second, boss = two()
    anna = user("rep", name="anna")
    with pytest.raises(AccountOfAnother):
        merging.merge(first, second, by=anna)
    made = merging.merge(first, second, by=boss)
    with pytest.raises(AccountOfAnother):
        merging.split(made, by=user("rep", name="bert"))

    assert merging.split(made, by=anna).pk == second.pk  # what stayed is hers


@pytest.mark.django_db
def test_a_split_comes_in_time_and_once_and_from_the_top():
    first, second, boss = two()
    third = account("Third")
    made = merging.merge(first, second, by=boss)
    above = merging.merge(third, Account.objects.get(pk=first.pk), by=boss)
    with pytest.raises(WinnerGone):
        merging.split(made, by=boss)
    merging.split(above, by=boss)
    merging.split(made, by=boss)
    with pytest.raises(SplitAlready):
        merging.split(made, by=boss)


@pytest.mark.django_db
def test_after_thirty_days_it_stays():
    first, second, boss = two()
    made = merging.merge(first, second, by=boss)
    old = Merge(
        **{one.attname: getattr(made, one.attname) for one in Merge._meta.concrete_fields if one.name != "id"},
    )
    merging.split(made, by=boss)
    old.merged_at = timezone.now() - timedelta(days=30, seconds=1)
    old.save(force_insert=True)

    with pytest.raises(TooLate):
        merging.split(old, by=boss)
    with pytest.raises(DatabaseError), transaction.atomic():
        Merge.objects.filter(pk=old.pk).update(split_at=timezone.now(), split_by=boss)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_merge SET rows = '{}'",
        "UPDATE accounts_merge SET loser = winner",
        "DELETE FROM accounts_merge",
        "UPDATE pipeline_deal SET account_id = (SELECT id FROM accounts_account WHERE name = 'Third') "
        "WHERE status = 'won'",
    ],
)
def test_the_database_keeps_merges_and_promises(statement):
    first, second, boss = two()
    merging.merge(first, second, by=boss)
    account("Third")

    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.django_db
def test_two_contacts_of_one_account_become_one_and_two_again():
    first, second, boss = two()
    person = second.contacts.get()
    twin = accounts.add_contact(second, name="R. Mendel", phone="+43 316 1")
    before = everything()
    plan = merging.plan(twin, person, by=boss, take=["name"])

    made = merging.merge(twin, person, by=boss, take=["name"], mark=plan.mark)

    (left,) = second.contacts.all()
    assert (left.name, left.email, left.phone) == ("Roland Mendel", "roland@example.com", "+43 316 1")
    assert {*(one.contact for one in Entry.objects.exclude(contact=None)), Ticket.objects.get().contact,
            Conversion.objects.get().contact} == {left}  # fmt: skip
    merging.split(made, by=boss)
    assert everything() == before
    with pytest.raises(NotOfOneAccount):
        merging.plan(twin, accounts.add_contact(first, name="Somebody"), by=boss)


@pytest.mark.django_db
def test_who_asked_for_both_has_asked_once():
    first, second, boss = two()
    handovers.ask("account", first.pk, by=boss)

    merging.merge(first, second, by=boss)

    assert sorted(Handover.objects.values_list("state", flat=True)) == ["asked", "declined"]


@pytest.mark.django_db(transaction=True)
def test_of_rivals_who_merge_the_same_two_one_does():
    first, second, boss = two()
    accounts.register(first)
    accounts.register(second)
    ready, said = threading.Barrier(4), []

    def work(winner, loser):
        ready.wait()
        try:
            said.append(merging.merge(winner, loser, by=boss).loser)
        except (Refused, DatabaseError) as refusal:
            said.append(type(refusal))
        finally:
            connection.close()

    pairs = [(first, second), (second, first)] * 2
    rivals = [threading.Thread(target=work, args=pair) for pair in pairs]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()

    assert (Account.objects.count(), Merge.objects.count(), said.count(NotFound)) == (1, 1, 3)
    assert len(emitted(CustomerMerged)) == 1


@pytest.mark.django_db
def test_on_the_page_one_chooses_looks_merges_and_splits(client):
    first, second, boss = two()
    client.force_login(boss)
    here = reverse("accounts:account_merge", args=[first.pk])
    choose = client.get(here)
    look = client.get(f"{here}?other={second.pk}&take=city")

    client.post(here, {"other": second.pk, "take": "city", "mark": look.context["plan"].mark})
    again = client.post(here, {"other": second.pk, "mark": ""})
    old_address = client.get(second.get_absolute_url())
    page = client.get(first.get_absolute_url()).content.decode()
    client.post(reverse("accounts:split", args=[Merge.objects.get().pk]))

    assert choose.context["found"] == [second]  # the core of the names is the same
    assert (again.status_code, old_address.status_code) == (404, 302)
    assert old_address["Location"] == first.get_absolute_url()
    assert "Ernst Handel GmbH" in page
    assert {one.name: one.city for one in Account.objects.all()} == {
        "Ernst Handel": "Graz",
        "Ernst Handel GmbH": "Wien",
    }


@pytest.mark.django_db
def test_over_the_api_the_same_is_looked_at_done_and_undone(client):
    first, second, boss = two()
    client.force_login(boss)
    where = f"/api/v1/accounts/{first.pk}"
    look = client.post(f"{where}/merge-preview/", {"other": str(second.pk)}, "application/json").json()
    stale = client.post(f"{where}/merge/", {"other": str(second.pk), "mark": "0" * 32}, "application/json")
    made = client.post(f"{where}/merge/", {"other": str(second.pk), "mark": look["mark"]}, "application/json")
    gone = client.post(f"{where}/merge/", {"other": str(second.pk)}, "application/json")
    split = client.post(f"/api/v1/merges/{made.json()['id']}/split/")
    client.force_login(user("rep", name="anna"))
    foreign = client.post(f"{where}/merge/", {"other": str(second.pk)}, "application/json")

    assert {one["name"]: one["result"] for one in look["columns"]}["phone"] == "+43 316 765432"
    assert (stale.status_code, made.status_code, gone.status_code, split.status_code) == (409, 200, 404, 200)
    assert made.json()["rows"] == look["rows"]
    assert split.json()["split_by"] == "boss"
    assert foreign.status_code in (403, 404)
