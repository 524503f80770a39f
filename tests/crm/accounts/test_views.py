import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.core.management import call_command

from crm.access.models import BulkChange
from crm.accounts import services
from crm.accounts.models import Account, Contact
from integration.contracts.credit import CreditBanded
from tests.crm.makers import account, deal, user
from tests.helpers import deliver, page_queries

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def as_(client, *roles, name=""):
    client.force_login(user(*roles, name=name))
    return client


def rows(answer):
    return [one.name for one in answer.context["page"].rows]


def test_the_list_stands_by_name_and_pages_by_key(client):
    for number in range(52):
        account(f"Account {number:02}")
    rep = as_(client, "rep")

    first = rep.get("/accounts/")
    assert rows(first) == [f"Account {number:02}" for number in range(50)]
    second = rep.get("/accounts/", {"after": first.context["page"].next_cursor})
    assert rows(second) == ["Account 50", "Account 51"]


def test_the_list_is_searched_and_narrowed(client):
    rep = as_(client, "rep", name="me")
    mine = account("Mine", owner=user("rep", name="me"), country="Austria")
    account("Free", country="Germany", contacts=[{"name": "Maria Anders"}])
    deliver(CreditBanded(customer=mine.pk, party="C00001", band="tight"))

    assert rows(rep.get("/accounts/", {"owner": "me"})) == ["Mine"]
    assert rows(rep.get("/accounts/", {"owner": "none"})) == ["Free"]
    assert rows(rep.get("/accounts/", {"country": "Germany"})) == ["Free"]
    assert rows(rep.get("/accounts/", {"credit_band": "tight"})) == ["Mine"]
    assert rows(rep.get("/accounts/", {"q": "anders"})) == ["Free"]
    assert rows(rep.get("/accounts/", {"owner": "nonsense", "credit_band": "x"})) == ["Free", "Mine"]


def test_an_empty_list_teaches(client):
    assert b"No accounts yet" in as_(client, "rep").get("/accounts/").content
    assert b"No account fits" in client.get("/accounts/?q=x").content


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three_accounts(client, django_assert_num_queries, count):
    for number in range(count):
        account(f"Account {number}", owner=user("rep", name=f"rep{number}"))
    as_(client, "rep").get("/accounts/")

    with django_assert_num_queries(page_queries(2)):
        client.get("/accounts/")


def test_a_new_account_takes_its_first_contact_along(client):
    rep, key = as_(client, "rep"), str(uuid4())
    body = {"name": "Alfreds", "contact_name": "Maria Anders", "phone": "030", "city": "Berlin", "idempotency_key": key}

    first, again = rep.post("/accounts/new/", body), rep.post("/accounts/new/", body)

    made = Account.objects.get()
    assert (first.url, again.url, str(made.pk)) == (f"/accounts/{key}/", f"/accounts/{key}/", key)
    assert (made.owner.username, made.contacts.get().name, made.city) == ("rep", "Maria Anders", "Berlin")


def test_a_mistake_comes_back_with_what_was_typed(client):
    answer = as_(client, "rep").post("/accounts/new/", {"name": "Alfreds", "email": "no"}, headers=HTMX)

    assert answer.status_code == 422
    assert b'value="Alfreds"' in answer.content
    assert not Account.objects.exists()


def test_the_page_of_an_account_says_how_things_are(client):
    customer = account(city="Berlin", contacts=[{"name": "Maria Anders", "phone": "030-1"}])
    deliver(CreditBanded(customer=customer.pk, party="C00001", band="tight"), time=datetime.now(UTC))

    page = as_(client, "agent").get(f"/accounts/{customer.pk}/")

    assert page.status_code == 200
    labels = [str(fact.label) for fact in page.context["facts"]]
    assert {"Open tickets", "Last contact", "Credit"} <= set(labels)
    for text in ("Maria Anders", 'href="tel:030-1"', "Tight", "Credit is tight", "Company · Berlin"):
        assert text in page.content.decode(), text


def test_an_account_is_edited_and_an_older_form_is_refused(client):
    customer = account(owner=user("rep"))
    rep = as_(client, "rep")
    body = {"name": "Alfred", "kind": "company", "version": 1, "owner": customer.owner.pk}

    assert rep.post(f"/accounts/{customer.pk}/edit/", body).url == f"/accounts/{customer.pk}/"
    late = rep.post(f"/accounts/{customer.pk}/edit/", {**body, "name": "Alfredo"})

    assert (late.status_code, Account.objects.get().name) == (422, "Alfred")
    assert b"Somebody changed this in the meantime" in late.content


def test_an_account_given_away_by_its_form_comes_back_with_one_tap(client):
    mine, other = account(owner=user("rep", name="me")), user("rep", name="other")
    rep = as_(client, "rep", name="me")

    page = rep.post(
        f"/accounts/{mine.pk}/edit/",
        {"name": "Alfred", "kind": "company", "version": 1, "owner": other.pk},
        follow=True,
    )
    change = BulkChange.objects.get()
    given = Account.objects.get().owner
    answer = rep.post(f"/lists/changes/{change.pk}/undo/", headers=HTMX)

    assert (given, f"/lists/changes/{change.pk}/undo/" in page.content.decode()) == (other, True)
    assert (answer.status_code, Account.objects.get().owner.username) == (200, "me")


def test_a_colleagues_account_is_looked_at_not_changed(client):
    theirs = account(owner=user("rep", name="other"))
    rep = as_(client, "rep", name="me")
    deal(of=theirs, by=user("rep", name="me"))

    assert rep.get(f"/accounts/{theirs.pk}/").status_code == 200
    for path in (f"{theirs.pk}/edit/", f"{theirs.pk}/contacts/new/"):
        assert rep.get(f"/accounts/{path}").status_code == 403


def test_contacts_are_added_changed_and_removed_in_sheets(client):
    customer, key = account(), str(uuid4())
    agent = as_(client, "agent")

    made = agent.post(f"/accounts/{customer.pk}/contacts/new/", {"name": "Maria", "idempotency_key": key}, headers=HTMX)
    assert made.status_code == 204
    assert json.loads(made["HX-Trigger"])["close-sheet"] is True
    assert b"Maria" in agent.get(f"/accounts/{customer.pk}/contacts/").content
    agent.post(f"/accounts/contacts/{key}/", {"name": "Maria Anders", "title": "Owner"})
    assert Contact.objects.get().title == "Owner"
    agent.post(f"/accounts/contacts/{key}/remove/")
    assert not Contact.objects.exists()


def test_a_free_account_is_taken(client):
    free = account()

    as_(client, "rep").post(f"/accounts/{free.pk}/claim/")

    assert Account.objects.get().owner.username == "rep"


@pytest.mark.parametrize("path", ["/accounts/", "/accounts/new/", "/catalogue/", "/tickets/", "/tickets/new/"])
def test_pages_are_for_those_with_a_role(client, path):
    assert client.get(path).status_code == 302
    assert as_(client, name="guest").get(path).status_code == 403
    for role in ("rep", "agent", "manager", "admin"):
        assert as_(client, role).get(path).status_code == 200


def test_unknown_accounts_are_not_found(client):
    assert as_(client, "rep").get(f"/accounts/{uuid4()}/").status_code == 404


def test_the_demo_customers_are_loaded_once_and_shared_out(capsys):
    user("rep", name="janet"), user("rep", name="nancy")

    call_command("seed_demo")
    call_command("seed_demo")

    assert capsys.readouterr().out.splitlines() == [
        "91 new customers, 2 junk rows left out",
        "0 new customers, 2 junk rows left out",
    ]
    assert (Account.objects.count(), Contact.objects.count()) == (91, 91)
    owned = {name: Account.objects.filter(owner__username=name).count() for name in ("janet", "nancy")}
    assert sorted(owned.values()) == [45, 46]


def test_the_admin_changes_through_the_services(client):
    boss = user("admin")
    boss.is_staff = boss.is_superuser = True
    boss.save()
    client.force_login(boss)
    customer = services.register(account())
    page = f"/admin/accounts/account/{customer.pk}/change/"
    body = {
        "name": "Alfred", "kind": "company", "contacts-TOTAL_FORMS": "0", "contacts-INITIAL_FORMS": "0",
    }  # fmt: skip

    assert client.get(page).status_code == 200
    assert client.post(page, body).status_code == 302
    assert (Account.objects.get().name, Account.objects.get().version) == ("Alfred", 2)
    for path in ("accounts/contact", "catalogue/product", "activities/entry", "tickets/ticket"):
        assert client.get(f"/admin/{path}/").status_code == 200
    assert client.get(f"/admin/accounts/account/{customer.pk}/history/").status_code == 200


def test_the_figures_of_the_head_follow_without_a_reload(client):
    customer = account()
    agent = as_(client, "agent")
    revision = agent.get(f"/accounts/{customer.pk}/").context["facts_revision"]

    def ask():
        return agent.get(f"/accounts/{customer.pk}/facts/", {"revision": revision})

    assert ask().status_code == 204
    deliver(CreditBanded(customer=customer.pk, party="C00001", band="stopped"))
    assert b"Stopped" in ask().content
