"""Tags: the team's words on accounts, told apart by nothing but their letters, and kept together through merges."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from base.refusals import BadInput, NotAllowed
from crm.accounts import merging, tags
from crm.accounts import services as accounts
from crm.accounts.models import Account, Tag
from crm.accounts.tag_words import suggestions
from crm.accounts.tags import TagInUse
from tests.crm.makers import account, deal, user
from tests.importing import imported, media, undone

__all__ = ["media"]
pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def api(somebody):
    made = APIClient()
    made.force_login(somebody)
    return made


def browser(somebody):
    made = Client()
    made.force_login(somebody)
    return made


def boss():
    return user("manager", name="boss")


def tagged(name, *words, **more):
    return account(name, tags=list(words), owner=user("rep", name="anna"), **more)


def borne():
    return {one.name: one.tags for one in Account.objects.all()}


# ---- words


def test_a_word_is_a_tag_once_whoever_writes_it_how():
    tagged("One", "VIP", "  fair   2026 ")
    tagged("Two", "vip", "Fair 2026, new", "VIP")

    assert borne() == {"One": ["VIP", "fair 2026"], "Two": ["VIP", "fair 2026", "new"]}
    assert set(Tag.objects.values_list("name", flat=True)) == {"VIP", "fair 2026", "new"}
    assert Tag.history.filter(history_type="+").count() == 3
    assert all(tag.colour != "grey" for tag in Tag.objects.all())


def test_what_is_too_long_or_too_much_is_refused():
    one = tagged("One")

    with pytest.raises(BadInput, match="up to 40 letters"):
        accounts.update_account(one, tags=["x" * 41])
    with pytest.raises(BadInput, match="Up to 20 tags"):
        accounts.update_account(one, tags=[f"tag {number}" for number in range(21)])

    assert borne() == {"One": []}


def test_the_history_tells_of_tags():
    one = tagged("One", "old")
    accounts.update_account(one, tags=["old", "new"])

    assert [row.tags for row in one.history.order_by("history_id")] == [["old"], ["old", "new"]]
    page = browser(boss()).get(f"/history/accounts.account/{one.pk}/").content.decode()
    assert "old, new" in page


@pytest.mark.django_db(transaction=True)
def test_of_four_who_bring_the_same_word_at_once_one_makes_it():
    firms, ready, failed = [tagged(f"Firm {number}") for number in range(4)], threading.Barrier(4), []

    def work(one, word):
        try:
            ready.wait(10)
            accounts.update_account(one, tags=[word])
        except Exception as error:  # whatever it is, nobody may lose their word
            failed.append(error)
        finally:
            connection.close()

    rivals = [
        threading.Thread(target=work, args=told) for told in zip(firms, ("Fair", "fair", "FAIR", "fAIR"), strict=True)
    ]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()

    assert failed == []
    word = Tag.objects.get().name
    assert borne() == {f"Firm {number}": [word] for number in range(4)}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_account SET tags = '{unheard}'",
        "UPDATE accounts_account SET tags = '{VIP,VIP}'",
        "DELETE FROM accounts_tag WHERE name = 'VIP'; SET CONSTRAINTS ALL IMMEDIATE",
        "UPDATE accounts_tag SET name = 'other' WHERE name = 'VIP'; SET CONSTRAINTS ALL IMMEDIATE",
        "UPDATE accounts_tag SET colour = 'plaid'",
    ],
)
def test_the_database_keeps_words_and_records_together(statement):
    tagged("One", "VIP")

    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert refused.value.__cause__.sqlstate in {"HM101", "HM102", "23514"}
    assert borne() == {"One": ["VIP"]}


def test_suggested_is_what_begins_so_and_then_what_goes_on_so():
    for word in ("fair 2026", "affair", "VIP"):
        tagged(word, word)

    assert suggestions(user("rep"), "fa") == ["fair 2026", "affair"]
    assert [one["name"] for one in api(user("rep")).get("/api/v1/tags/?q=fa").json()["results"]] == [
        "affair", "fair 2026",
    ]  # fmt: skip


# ---- on lists and over the API


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tags=vip", ["Both", "Vip"]),
        ("tags=vip,fair", ["Both", "Fair", "Vip"]),
        ("tags_all=VIP,fair", ["Both"]),
        ("tags_all=VIP,unheard", []),
        ("tags=unheard", []),
        ("tags_all=FAIR&tags=vip", ["Both"]),
    ],
)
def test_any_and_all_narrow_list_and_api_alike(query, found):
    tagged("Both", "VIP", "fair")
    tagged("Vip", "VIP")
    tagged("Fair", "fair")
    tagged("None")
    anna = user("rep", name="anna")

    page = browser(anna).get(f"/accounts/?{query}")
    answer = api(anna).get(f"/api/v1/accounts/?{query}&ordering=name").json()["results"]

    assert [row.name for row in page.context["page"].rows] == found
    assert [one["name"] for one in answer] == found


def test_the_list_shows_them_coloured_and_asks_once_for_all_colours(django_assert_max_num_queries):
    tagged("One", "VIP", "fair")
    anna = browser(user("rep", name="anna"))
    text = anna.get("/accounts/?columns=name,tags").content.decode()
    colour = Tag.objects.get(name="VIP").colour
    for number in range(6):
        tagged(f"Firm {number}", f"word {number}")

    assert f'<span class="tag tag--{colour}">VIP</span>' in text
    with django_assert_max_num_queries(6):
        anna.get("/accounts/?columns=name,tags")


def test_the_api_sets_and_tells_them():
    anna = api(user("rep", name="anna"))
    made = anna.post("/api/v1/accounts/", {"name": "One", "tags": ["VIP", "vip"]}, format="json").json()

    assert made["tags"] == ["VIP"]
    answer = anna.patch(f"/api/v1/accounts/{made['id']}/", {"tags": ["fair"]}, format="json").json()
    assert answer["tags"] == ["fair"]
    bad = anna.patch(f"/api/v1/accounts/{made['id']}/", {"tags": ["x" * 41]}, format="json")
    two = anna.patch(f"/api/v1/accounts/{made['id']}/", {"tags": ["fair, VIP"]}, format="json")
    assert bad.status_code == 422
    assert borne() == {"One": ["fair"]}
    assert (two.status_code, two.json()["errors"][0]["field"]) == (422, "tags.0")


def test_the_sheet_of_an_account():
    one, anna = tagged("One", "VIP"), browser(user("rep", name="anna"))
    tagged("Two", "fair")

    sheet = anna.get(f"/accounts/{one.pk}/tags/", headers=HTMX).content.decode()
    anna.post(f"/accounts/{one.pk}/tags/", {"chosen": ["fair"], "more": "trade, 老客户"}, headers=HTMX)

    assert all(word in sheet for word in ("VIP", "fair", "<datalist"))
    assert borne()["One"] == ["fair", "trade", "老客户"]
    assert browser(user("rep", name="ben")).get(f"/accounts/{one.pk}/tags/").status_code == 404


# ---- many at once


def bulk(client, action, ids, words):
    told = {"action": action, "ids": [str(one) for one in ids], "told": {"tags": words}}
    return client.post("/api/v1/lists/accounts/bulk/", told, format="json").json()


def test_many_are_tagged_and_untagged_and_both_are_taken_back():
    anna = api(user("rep", name="anna"))
    ids = [tagged(name, *words).pk for name, words in (("One", ["VIP"]), ("Two", ["fair"]), ("Three", []))]

    put = bulk(anna, "tag", ids, "vip, new")
    assert put["done"] == 3
    assert borne() == {"One": ["VIP", "new"], "Two": ["fair", "VIP", "new"], "Three": ["VIP", "new"]}
    off = bulk(anna, "untag", ids, "VIP")
    assert borne() == {"One": ["new"], "Two": ["fair", "new"], "Three": ["new"]}

    assert anna.post(f"/api/v1/list-changes/{off['change']}/undo/").json()["done"] == 3
    assert anna.post(f"/api/v1/list-changes/{put['change']}/undo/").json()["done"] == 3
    assert borne() == {"One": ["VIP"], "Two": ["fair"], "Three": []}


def test_what_one_sees_and_may_not_change_is_not_tagged():
    theirs, ben = tagged("Theirs"), user("rep", name="ben")
    deal(of=theirs, by=ben, owner=ben)

    answer = bulk(api(ben), "tag", [theirs.pk], "mine")

    assert (answer["done"], [one["row"] for one in answer["refused"]]) == (0, ["Theirs"])
    assert borne() == {"Theirs": []}


# ---- files


def test_a_column_of_tags_is_read_and_the_second_time_changes_nothing(media):
    maria = user("rep", name="maria")
    tagged("Known", "VIP")
    text = 'Name,Tags\nOne,"vip, fair"\nTwo,"fair；new"\nThree,\n'

    first = imported("accounts", text, maria)
    again = imported("accounts", text, maria)

    assert (first.counts, again.counts) == ({"new": 3}, {"unchanged": 3})
    assert {name: set(words) for name, words in borne().items()} == {
        "Known": {"VIP"}, "One": {"VIP", "fair"}, "Two": {"fair", "new"}, "Three": set(),
    }  # fmt: skip


def test_tags_of_a_file_replace_and_are_taken_back(media):
    maria = user("rep", name="maria")
    account("One", tags=["VIP"], owner=maria)

    changed = imported("accounts", "Name,Tags\nOne,fair\n", maria)
    assert borne() == {"One": ["fair"]}

    undone(changed)
    assert borne() == {"One": ["VIP"]}


# ---- merging accounts


def test_merged_accounts_keep_both_sides_tags_and_split_each_has_its_own_again():
    one, two = tagged("One", "VIP", "fair"), tagged("Two", "fair", "slow payer")

    plan = merging.plan(one, two, by=boss())
    made = merging.merge(one, two, by=boss(), mark=plan.mark)
    assert borne() == {"One": ["VIP", "fair", "slow payer"]}
    assert next(field.result for field in plan.fields if field.name == "tags") == ["VIP", "fair", "slow payer"]

    merging.split(made, by=boss())
    assert borne() == {"One": ["VIP", "fair"], "Two": ["fair", "slow payer"]}


def test_what_was_tagged_since_the_merge_stays_with_the_one_that_stayed():
    one, two = tagged("One", "VIP"), tagged("Two", "slow payer")
    made = merging.merge(one, two, by=boss())
    accounts.update_account(Account.objects.get(), tags=["VIP", "slow payer", "since"])

    merging.split(made, by=boss())

    assert borne() == {"One": ["VIP", "since"], "Two": ["slow payer"]}


def test_a_word_that_is_gone_since_the_merge_comes_back_with_the_one_that_bore_it():
    one, two = tagged("One"), tagged("Two", "slow payer")
    made = merging.merge(one, two, by=boss())
    accounts.update_account(Account.objects.get(), tags=[])
    tags.remove(Tag.objects.get(), by=boss())

    merging.split(made, by=boss())

    assert borne() == {"One": [], "Two": ["slow payer"]}


# ---- keeping the words in order


def test_a_word_is_called_otherwise_on_every_account():
    one = tagged("One", "VIP", "fair")
    tags.change(Tag.objects.get(name="fair"), by=boss(), name="Fair 2026")

    assert borne() == {"One": ["VIP", "Fair 2026"]}
    assert one.history.first().tags == ["VIP", "Fair 2026"]
    tags.change(Tag.objects.get(name="VIP"), by=boss(), name="vip")
    assert borne() == {"One": ["vip", "Fair 2026"]}


def test_two_words_for_one_thing_become_one():
    tagged("One", "VIP", "key account")
    tagged("Two", "VIP")
    vip, key = Tag.objects.get(name="VIP"), Tag.objects.get(name="key account")

    assert tags.change(vip, by=boss(), name="Key Account") == key
    assert borne() == {"One": ["key account"], "Two": ["key account"]}
    assert not Tag.objects.filter(pk=vip.pk).exists()


def test_what_is_borne_stays_and_what_nothing_bears_is_cleaned_up():
    tagged("One", "VIP")
    accounts.update_account(tagged("Two", "gone"), tags=[])

    with pytest.raises(TagInUse, match="still on records"):
        tags.remove(Tag.objects.get(name="VIP"), by=boss())
    assert tags.remove_unused(by=boss()) == 1
    assert [tag.name for tag in Tag.objects.all()] == ["VIP"]


def test_reps_use_the_words_and_keepers_keep_them():
    tagged("One", "VIP", "fair")
    vip, fair, anna, keeper = Tag.objects.get(name="VIP"), Tag.objects.get(name="fair"), user("rep"), api(boss())

    for verb in (lambda: tags.change(vip, by=anna, name="x"), lambda: tags.merge(vip, fair, by=anna),
                 lambda: tags.remove(vip, by=anna), lambda: tags.remove_unused(by=anna)):  # fmt: skip
        with pytest.raises(NotAllowed):
            verb()
    assert api(anna).patch(f"/api/v1/tags/{vip.pk}/", {"name": "x"}, format="json").status_code == 403
    assert keeper.patch(f"/api/v1/tags/{vip.pk}/", {"colour": "pink"}, format="json").json()["colour"] == "pink"
    assert keeper.patch(f"/api/v1/tags/{vip.pk}/", {"name": "a,b"}, format="json").status_code == 422
    assert keeper.delete(f"/api/v1/tags/{vip.pk}/").json()["code"] == "tag-in-use"
    assert keeper.post(f"/api/v1/tags/{vip.pk}/merge/", {"into": str(fair.pk)}, format="json").json()["name"] == "fair"
    assert keeper.post("/api/v1/tags/clean/").json() == {"removed": 0}
    assert borne() == {"One": ["fair"]}


def test_the_page_of_tags_counts_and_filters():
    tagged("One", "VIP")
    tagged("Two", "VIP")
    accounts.update_account(tagged("Three", "gone"), tags=[])

    page = browser(boss()).get("/accounts/tags/")
    unused = browser(boss()).get("/accounts/tags/?used=false")

    assert [(row.name, sum(row.borne.values())) for row in page.context["page"].rows] == [("gone", 0), ("VIP", 2)]
    assert [row.name for row in unused.context["page"].rows] == ["gone"]
