"""The team's words on leads and deals are the very words that accounts bear."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from crm.accounts import tags
from crm.accounts.models import Account, Tag
from crm.accounts.tags import TagInUse
from crm.leads import conversion
from crm.leads import services as leads
from crm.leads.models import Lead
from crm.pipeline import services as pipeline
from crm.pipeline.models import Deal
from tests.crm.leads.makers import lead
from tests.crm.makers import account, deal, offered, user
from tests.importing import imported, media, undone

__all__ = ["media"]
pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


class Leads:
    """Somebody who may buy."""

    model, page, api, listing, table = Lead, "/leads/", "/api/v1/leads/", "leads", "leads_lead"

    @staticmethod
    def made(name, *words):
        return lead(person=name, owner=anna(), tags=list(words))

    @staticmethod
    def change(one, *words):
        return leads.update_lead(one, tags=list(words))

    @staticmethod
    def borne():
        return {one.person: one.tags for one in Lead.objects.all()}


class Deals:
    """Something to be sold."""

    model, page, api, listing, table = Deal, "/pipeline/list/", "/api/v1/deals/", "deals", "pipeline_deal"

    @staticmethod
    def made(name, *words):
        firm = Account.objects.filter(name="Firm").first() or account("Firm", owner=anna())
        return deal(of=firm, by=anna(), title=name, tags=list(words))

    @staticmethod
    def change(one, *words):
        return pipeline.change_deal(one, tags=list(words))

    @staticmethod
    def borne():
        return {one.title: one.tags for one in Deal.objects.all()}


both = pytest.mark.parametrize("of", [Leads, Deals])


def anna():
    return user("rep", name="anna")


def boss():
    return user("manager", name="boss")


def api(somebody):
    made = APIClient()
    made.force_login(somebody)
    return made


def browser(somebody):
    made = Client()
    made.force_login(somebody)
    return made


# ---- on one record


@both
def test_a_word_is_the_tag_that_accounts_bear_and_the_history_tells_of_it(of):
    account("Other", tags=["VIP"])
    one = of.made("One", "vip", "new")
    of.change(one, "NEW")

    assert of.borne() == {"One": ["new"]}
    assert [row.tags for row in one.history.order_by("history_id")] == [["VIP", "new"], ["new"]]
    assert set(Tag.objects.values_list("name", flat=True)) == {"VIP", "new"}


@both
def test_the_sheet_and_the_page(of):
    one = of.made("One", "VIP")
    of.made("Two", "fair")
    page, address = browser(anna()), f"{of.page.removesuffix('list/')}{of.model.objects.get(pk=one.pk).pk}/tags/"

    sheet = page.get(address, headers=HTMX).content.decode()
    page.post(address, {"chosen": ["fair"], "more": "trade, 老客户"}, headers=HTMX)

    assert all(word in sheet for word in ("VIP", "fair", "<datalist"))
    assert of.borne()["One"] == ["fair", "trade", "老客户"]
    text = page.get(one.get_absolute_url()).content.decode()
    assert text.count('<span class="tag tag--') == 3
    assert address in text
    assert browser(user("rep", name="ben")).get(address).status_code == 404


@both
def test_the_api_sets_and_tells_them(of):
    one, mine = of.made("One", "VIP"), api(anna())

    answer = mine.patch(f"{of.api}{one.pk}/", {"tags": ["fair", "FAIR"]}, format="json").json()
    two = mine.patch(f"{of.api}{one.pk}/", {"tags": ["fair, VIP"]}, format="json")

    assert answer["tags"] == ["fair"]
    assert (two.status_code, two.json()["errors"][0]["field"]) == (422, "tags.0")
    assert mine.get(of.api).json()["results"][0]["tags"] == ["fair"]


def test_the_api_makes_them():
    firm, mine = account("Firm", owner=anna()), api(anna())

    made = mine.post("/api/v1/deals/", {"account": str(firm.pk), "tags": ["VIP"]}, format="json").json()
    lead_ = mine.post("/api/v1/leads/", {"person": "Maria", "tags": ["vip"]}, format="json").json()

    assert (made["tags"], lead_["tags"]) == (["VIP"], ["VIP"])


def test_a_won_deal_is_tagged_too():
    offered()
    won = pipeline.win(deal(("CHAI", "5"), by=anna()), anna())

    assert pipeline.change_deal(won, tags=["fair"]).tags == ["fair"]


# ---- on lists


@both
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tags=vip", {"Both", "Vip"}),
        ("tags=vip,fair", {"Both", "Fair", "Vip"}),
        ("tags_all=VIP,fair", {"Both"}),
        ("tags_all=VIP,unheard", set()),
        ("tags=unheard", set()),
    ],
)
def test_any_and_all_narrow_list_and_api_alike(of, query, found):
    for name, *words in (("Both", "VIP", "fair"), ("Vip", "VIP"), ("Fair", "fair"), ("None",)):
        of.made(name, *words)
    name = "person" if of is Leads else "title"

    page = browser(anna()).get(f"{of.page}?{query}")
    answer = api(anna()).get(f"{of.api}?{query}").json()["results"]

    assert {getattr(row, name) for row in page.context["page"].rows} == found
    assert {one[name] for one in answer} == found


@both
def test_the_list_shows_them_coloured_and_asks_once_for_all_colours(of):
    of.made("One", "VIP", "fair")
    page = browser(anna())
    text = page.get(of.page).content.decode()

    def queries():
        with CaptureQueriesContext(connection) as asked:
            page.get(of.page)
        return len(asked)

    before = queries()
    for number in range(6):
        of.made(f"No {number}", f"word {number}")

    assert f'<span class="tag tag--{Tag.objects.get(name="VIP").colour}">VIP</span>' in text
    assert queries() == before


@both
def test_many_are_tagged_and_untagged_and_both_are_taken_back(of):
    mine = api(anna())
    ids = [str(of.made(name, *words).pk) for name, words in (("One", ["VIP"]), ("Two", ["fair"]), ("Three", []))]

    def bulk(action, words):
        told = {"action": action, "ids": ids, "told": {"tags": words}}
        return mine.post(f"/api/v1/lists/{of.listing}/bulk/", told, format="json").json()

    put = bulk("tag", "vip, new")
    assert of.borne() == {"One": ["VIP", "new"], "Two": ["fair", "VIP", "new"], "Three": ["VIP", "new"]}
    off = bulk("untag", "VIP")
    assert of.borne() == {"One": ["new"], "Two": ["fair", "new"], "Three": ["new"]}

    assert mine.post(f"/api/v1/list-changes/{off['change']}/undo/").json()["done"] == 3
    assert mine.post(f"/api/v1/list-changes/{put['change']}/undo/").json()["done"] == 3
    assert of.borne() == {"One": ["VIP"], "Two": ["fair"], "Three": []}


def test_an_agent_reads_deals_and_does_not_tag_them():
    one = Deals.made("One", "VIP")
    told = {"action": "untag", "ids": [str(one.pk)], "told": {"tags": "VIP"}}

    answer = api(user("agent")).post("/api/v1/lists/deals/bulk/", told, format="json")

    assert answer.status_code == 403
    assert browser(user("agent")).get(f"/pipeline/{one.pk}/tags/").status_code == 403
    assert Deals.borne() == {"One": ["VIP"]}


# ---- files


@pytest.mark.parametrize(
    ("of", "resource", "text"),
    [
        (Leads, "leads", 'Name,E-mail,Tags\nOne,one@x.example,"vip, fair"\nTwo,two@x.example,"fair；new"\n'),
        (Deals, "deals", 'Reference,Account,Title,Tags\nA,Firm,One,"vip, fair"\nB,Firm,Two,"fair；new"\n'),
    ],
)
def test_a_column_of_tags_is_read_and_the_second_time_changes_nothing(media, of, resource, text):
    account("Firm", owner=anna(), tags=["VIP"])

    first = imported(resource, text, anna())
    again = imported(resource, text, anna())
    changed = imported(resource, text.replace("vip, fair", "other"), anna())

    assert (first.counts, again.counts) == ({"new": 2}, {"unchanged": 2})
    assert {name: set(words) for name, words in of.borne().items()} == {"One": {"other"}, "Two": {"fair", "new"}}
    undone(changed)
    assert set(of.borne()["One"]) == {"VIP", "fair"}


# ---- a lead becomes an account


def test_a_leads_words_go_along_to_what_it_becomes():
    one = lead(person="Maria", company="Alfreds", owner=anna(), tags=["fair", "VIP"])

    made = conversion.convert(one, by=anna(), deal=conversion.DealWanted())

    assert (made.account.tags, made.deal.tags) == (["fair", "VIP"], ["fair", "VIP"])


def test_what_it_is_linked_to_bears_both_sides_words_however_many():
    firm = account("Alfreds", owner=anna(), tags=[f"word {number}" for number in range(20)])
    theirs = deal(of=firm, by=anna(), tags=["autumn"])
    one = lead(company="Alfreds", owner=anna(), tags=["fair", "word 3"])

    conversion.convert(one, by=anna(), account=firm, deal=theirs)

    firm, theirs = Account.objects.get(pk=firm.pk), Deal.objects.get(pk=theirs.pk)
    assert firm.tags == [*(f"word {number}" for number in range(20)), "fair"]
    assert theirs.tags == ["autumn", "fair", "word 3"]
    assert firm.history.first().tags == firm.tags


# ---- keeping the words in order


def test_a_word_is_called_otherwise_on_every_record_and_two_become_one():
    firm = account("Firm", owner=anna(), tags=["VIP"])
    of_lead, of_deal = Leads.made("Lead", "VIP", "key"), deal(of=firm, by=anna(), tags=["key"])

    tags.change(Tag.objects.get(name="VIP"), by=boss(), name="Star")
    assert [Account.objects.get().tags, Lead.objects.get().tags] == [["Star"], ["Star", "key"]]

    tags.merge(Tag.objects.get(name="key"), Tag.objects.get(name="Star"), by=boss())
    assert [Lead.objects.get().tags, Deal.objects.get().tags] == [["Star"], ["Star"]]
    assert (of_lead.history.first().tags, of_deal.history.first().tags) == (["Star"], ["Star"])


@both
def test_what_a_record_bears_stays_and_is_counted(of):
    of.made("One", "VIP")
    account("Other", tags=["VIP"])

    with pytest.raises(TagInUse, match="Accounts 1 · "):
        tags.remove(Tag.objects.get(), by=boss())
    assert tags.remove_unused(by=boss()) == 0
    assert api(boss()).get("/api/v1/tags/").json()["results"][0]["used"] == 2
    text = browser(boss()).get("/accounts/tags/").content.decode()
    assert f'href="{of.page}?tags=VIP">' in text
    assert 'href="/accounts/?tags=VIP">Accounts 1</a>' in text


@both
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET tags = '{{unheard}}'",
        "UPDATE {table} SET tags = '{{VIP,VIP}}'",
        "DELETE FROM accounts_tag WHERE name = 'VIP'; SET CONSTRAINTS ALL IMMEDIATE",
        "UPDATE accounts_tag SET name = 'other' WHERE name = 'VIP'; SET CONSTRAINTS ALL IMMEDIATE",
    ],
)
def test_the_database_keeps_words_and_records_together(of, statement):
    of.made("One", "VIP")

    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=of.table))

    assert refused.value.__cause__.sqlstate in {"HM101", "HM102"}
    assert of.borne() == {"One": ["VIP"]}
