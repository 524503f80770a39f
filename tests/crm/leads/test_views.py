"""The pages of leads, as a rep uses them."""

from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from crm.access.models import BulkChange
from crm.accounts import services as accounts
from crm.accounts.models import Account
from crm.activities import services as activities
from crm.activities.models import Entry
from crm.leads import conversion, handovers, services
from crm.leads.models import Conversion, Handover, Lead
from tests.crm.leads.makers import lead
from tests.crm.makers import account, user
from tests.helpers import page_queries

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def anna(client):
    somebody = user("rep", name="anna")
    client.force_login(somebody)
    return somebody


def names(answer):
    return [one.name for one in answer.context["page"].rows]


def test_the_list_begins_with_mine_and_shows_the_pool_and_all(client, anna):
    lead("Mine", owner=anna), lead("Nobody's"), lead("Another's", owner=user("rep", name="ben"))

    told = [names(client.get("/leads/", asked)) for asked in ({}, {"owner": "none", "still_open": "true"}, {"q": "o"})]

    assert told == [["Mine"], ["Nobody's"], ["Nobody's"]]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three_leads(client, anna, django_assert_num_queries, count):
    for number in range(count):
        lead(f"Lead {number}", owner=anna)
    client.get("/leads/?owner=me")

    with django_assert_num_queries(page_queries(4)):
        client.get("/leads/?owner=me")


def test_a_lead_that_was_given_away_is_taken_back_from_the_toast_and_for_thirty_days_from_the_list(client, anna):
    ben, given = user("rep", name="ben"), lead("Exotic", owner=anna)
    client.post(f"/leads/{given.pk}/give/", {"owner": ben.pk}, headers=HTMX)
    change = BulkChange.objects.get()

    toast = client.get("/leads/").content.decode()
    kept = client.get("/leads/?part=changes").content.decode()
    client.post(f"/lists/changes/{change.pk}/undo/")

    assert [f"/lists/changes/{change.pk}/undo/" in page for page in (toast, kept)] == [True, True]
    assert "Exotic" in change.label
    assert Lead.objects.get().owner == anna
    assert client.post(f"/lists/changes/{change.pk}/undo/").status_code == 422


def test_nothing_is_remembered_where_nothing_was_given(client, anna):
    kept = lead("Exotic", owner=anna)

    client.post(f"/leads/{kept.pk}/give/", {"owner": anna.pk}, headers=HTMX)

    assert not BulkChange.objects.exists()


def test_what_was_given_on_somebodys_request_is_taken_back_but_not_when_it_was_given_on(client, anna):
    ben, carl = user("rep", name="ben"), user("rep", name="carl")
    first, second = account("First", owner=anna), account("Second", owner=anna)
    for one in (first, second):
        client.post(f"/leads/handovers/{handovers.ask('account', one.pk, by=ben).pk}/grant/")
    accounts.update_account(Account.objects.get(pk=second.pk), owner=carl)

    answers = [client.post(f"/lists/changes/{one.pk}/undo/", headers=HTMX) for one in BulkChange.objects.order_by("at")]

    assert ["1 row done" in answer.content.decode() for answer in answers] == [True, False]
    assert "nothing was changed" in answers[1].content.decode()
    assert [one.owner for one in Account.objects.order_by("name")] == [anna, carl]


def test_over_rest_too(client, anna):
    ben, given, shop = user("rep", name="ben"), lead("Exotic", owner=anna), account("Shop", owner=anna)
    api = APIClient()
    api.force_authenticate(anna)

    api.patch(f"/api/v1/leads/{given.pk}/", {"owner": "ben"}, format="json")
    api.patch(f"/api/v1/accounts/{shop.pk}/", {"owner": "ben"}, format="json")
    owners = {Lead.objects.get().owner, Account.objects.get().owner}
    for change in BulkChange.objects.all():
        assert api.post(f"/api/v1/list-changes/{change.pk}/undo/").status_code == 200

    assert (owners, Lead.objects.get().owner, Account.objects.get().owner) == ({ben}, anna, anna)


def test_a_lead_is_made_once_from_the_sheet(client, anna):
    told = {"person": "Maria", "phone": "+49 30 901820", "note": "Met at the fair", "idempotency_key": str(uuid4())}

    answers = [client.post("/leads/new/", told, headers=HTMX) for _again in range(2)]

    made = Lead.objects.get()
    assert [answer.headers["HX-Redirect"] for answer in answers] == [made.get_absolute_url()] * 2
    assert (made.owner, made.phone, made.source) == (anna, "+4930901820", "hand")


def test_a_lead_without_a_name_comes_back_with_what_was_typed(client, anna):
    answer = client.post("/leads/new/", {"note": "Tall man"}, headers=HTMX)

    assert answer.status_code == 422
    assert "Tall man" in answer.content.decode()
    assert "A name, a company, a phone number or an e-mail address is needed." in answer.content.decode()


def test_the_page_tells_all_and_a_call_is_logged_from_it(client, anna):
    made = lead(owner=anna, phone="+4930901820", interest="Tea")

    page = client.get(f"/leads/{made.pk}/").content.decode()
    logged = client.post(f"/leads/{made.pk}/log/call/", {"outcome": "interested", "text": "Wants a list"}, headers=HTMX)
    after = client.get(f"/leads/{made.pk}/").content.decode()

    assert 'href="tel:%2B4930901820"' in page
    assert "Score 20" in page
    assert logged.headers["HX-Redirect"] == made.get_absolute_url()
    assert ("Wants a list" in after, Lead.objects.get().state) == (True, "contacted")


def test_a_planned_step_comes_to_today_and_is_done_with_the_next_call(client, anna):
    made = lead(owner=anna)
    client.post(f"/leads/{made.pk}/log/note/", {"text": "Asks again", "when": "tomorrow"})
    step = Entry.objects.get(kind="note")
    Entry.objects.filter(pk=step.pk).update(next_step_on="2020-01-01")

    today = client.get("/").content.decode()
    client.post(f"/leads/{made.pk}/log/call/?entry={step.pk}", {"outcome": "order"})

    assert f"/leads/{made.pk}/log/call/?entry={step.pk}" in today
    assert Entry.objects.get(pk=step.pk).next_step_done_at is not None


def test_a_lead_is_qualified_lost_and_taken_up_again(client, anna):
    made = lead(owner=anna)

    client.post(f"/leads/{made.pk}/qualify/")
    bare = client.post(f"/leads/{made.pk}/lose/", {}, headers=HTMX)
    client.post(f"/leads/{made.pk}/lose/", {"reason": "no_budget", "note": "Next year"})
    lost = Lead.objects.get()
    client.post(f"/leads/{made.pk}/reopen/")

    assert (bare.status_code, lost.lost_reason, lost.lost_note) == (422, "no_budget", "Next year")
    assert Lead.objects.get().state == "contacted"


def test_duplicates_are_shown_before_it_is_converted_and_one_is_linked(client, anna):
    vins = account("Vins GmbH", owner=anna)
    made = lead("Maria", company="VINS", owner=anna)

    page = client.get(f"/leads/{made.pk}/convert/").content.decode()
    answer = client.post(f"/leads/{made.pk}/convert/", {"account": str(vins.pk), "with_deal": "on", "title": "Tea"})

    told = Conversion.objects.get()
    assert ("Known already?" in page, "Vins GmbH · same company" in page) == (True, True)
    assert (told.account, told.deal.title) == (vins, "Tea")
    assert answer.headers["Location"] == told.deal.get_absolute_url()


def test_anothers_lead_is_not_found_and_nothing_of_it_can_be_done(client, anna):
    made = lead(owner=user("rep", name="ben"))

    told = {client.get(f"/leads/{made.pk}/{path}").status_code for path in ("", "edit/", "lose/", "convert/")}
    told |= {client.post(f"/leads/{made.pk}/{path}").status_code for path in ("qualify/", "claim/", "log/call/")}

    assert (told, Lead.objects.get().state) == ({404}, "new")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "sheet"])
def test_the_form_asks_who_is_known_while_one_types(client, anna, headers):
    assert 'hx-get="/leads/alike/"' in client.get("/leads/new/", headers=headers).content.decode()


def test_what_is_known_is_told_while_typing_and_anothers_is_masked_and_asked_for(client, anna):
    ben = user("rep", name="ben")
    mine = lead("Maria Anders", owner=anna, email="maria@vins.example")
    theirs = account("Alfreds Futterkiste GmbH", owner=ben, phone="030-0074321")

    by_mail = client.get("/leads/alike/", {"email": "Maria@vins.example"}).content.decode()
    by_name = client.get("/leads/alike/", {"company": "alfreds futterkist"}).content.decode()
    nothing = client.get("/leads/alike/", {"company": "Quite another"}).content.decode()
    told = {"kind": "account", "pk": str(theirs.pk)}
    for _again in range(2):
        client.post("/leads/handovers/ask/", told, headers=HTMX)

    assert mine.get_absolute_url() in by_mail
    assert ("Alfreds" in by_name, "A••• F••• G•••" in by_name, "ben" in by_name) == (False, True, True)
    assert nothing.strip() == ""
    asked = Handover.objects.get()
    assert (asked.asked_by, asked.account, ben.notices.count()) == (anna, theirs, 1)

    client.force_login(ben)
    assert "asks to take this over" in client.get(theirs.get_absolute_url()).content.decode()
    client.post(f"/leads/handovers/{asked.pk}/grant/")
    theirs.refresh_from_db()
    assert (theirs.owner, anna.notices.filter(text="Alfreds Futterkiste GmbH is yours now.").count()) == (anna, 1)


def test_only_the_owner_answers_and_a_declined_question_tells_no_name(client, anna):
    ben = user("rep", name="ben")
    made = lead("Hanna Moos", owner=ben)
    client.post("/leads/handovers/ask/", {"kind": "lead", "pk": str(made.pk)})
    asked = Handover.objects.get()

    refused = client.post(f"/leads/handovers/{asked.pk}/grant/")
    client.force_login(ben)
    client.post(f"/leads/handovers/{asked.pk}/decline/")

    assert (refused.status_code, Lead.objects.get().owner) == (403, ben)
    assert anna.notices.get().text == "ben keeps H••• M•••."


@pytest.mark.parametrize("kind", ["account", "lead"])
def test_the_history_of_a_question_tells_whoever_asked_no_name(client, anna, kind):
    ben = user("rep", name="ben")
    theirs = account("Alfreds Futterkiste", owner=ben) if kind == "account" else lead("Alfreds Futterkiste", owner=ben)
    client.post("/leads/handovers/ask/", {"kind": kind, "pk": str(theirs.pk)})
    asked = Handover.objects.get()

    mine = client.get(f"/history/leads.handover/{asked.pk}/").content.decode()
    mine_by_api = client.get(f"/api/v1/handovers/{asked.pk}/history/").content.decode()
    client.force_login(ben)
    owners = client.get(f"/history/leads.handover/{asked.pk}/").content.decode()

    assert ("Alfreds" in mine, "Alfreds" in mine_by_api, "A••• F•••" in mine) == (False, False, True)
    assert owners.count("Alfreds Futterkiste") > 1


def test_what_a_lead_became_is_named_to_whoever_sees_it(client, anna):
    made, vins = lead("Maria Anders", owner=anna), account("Vins GmbH", owner=anna)
    conversion.convert(made, by=anna, account=vins)
    before = client.get(made.get_absolute_url()).content.decode()
    accounts.update_account(vins, name="Wijnen BV", owner=user("rep", name="ben"))

    after = client.get(made.get_absolute_url()).content.decode()

    assert vins.get_absolute_url() in before
    assert ("Wijnen" in after, "W••• B•••" in after, vins.get_absolute_url() in after) == (False, True, False)


def test_a_history_names_no_other_record_that_its_reader_may_not_see(client, anna):
    made, theirs = lead("Maria Anders", owner=anna), account("Alfreds", owner=user("rep", name="ben"))
    entry = activities.note(theirs, "They know each other", by=anna, lead=made.pk)

    mine = client.get(f"/history/activities.entry/{entry.pk}/").content.decode()
    client.force_login(user("manager"))
    whole = client.get(f"/history/activities.entry/{entry.pk}/").content.decode()

    assert ("Alfreds" in mine, "•••" in mine, "Alfreds" in whole) == (False, True, True)


def test_a_lead_is_found_from_everywhere(client, anna):
    made = lead("Maria Anders", company="Vins", owner=anna)
    services.create_lead(person="Maria Other", owner=user("rep", name="ben"))

    hits = client.get("/search/hits/?q=maria").json()["groups"]

    assert [(one["key"], [hit["url"] for hit in one["hits"]]) for one in hits] == [("leads", [made.get_absolute_url()])]


def test_a_leads_entries_are_told_without_account_and_none_is_written_so(client):
    api = APIClient()
    api.force_authenticate(user("rep"))
    entry = {"kind": "note", "text": "They called", "account": None}

    refused = api.post("/api/v1/timeline/", entry, format="json")

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["account"]
