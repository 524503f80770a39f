"""What records say in fields that a company added: by every door the same."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from base.refusals import BadInput
from crm.accounts import custom_fields, merging
from crm.accounts.custom_values import rules_of, understood
from crm.accounts.models import Account, CustomField
from crm.leads import conversion
from crm.leads import services as leads
from crm.pipeline import services as pipeline
from tests.crm.custom.makers import (
    ALL,
    Accounts,
    Contacts,
    Deals,
    Leads,
    admin,
    anna,
    api,
    browser,
    field,
    firm,
)
from tests.crm.makers import deal, offered, user
from tests.importing import imported, media, undone

__all__ = ["media"]
pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
every = pytest.mark.parametrize("of", ALL)


def one_of_each(of):
    for place, (key, kind) in enumerate(
        {"note": "text", "size": "number", "until": "date", "wholesale": "yes_no", "colour": "choice"}.items(), 1
    ):
        field(of.of, key, kind, position=place)


FULL = {"note": "Likes tea", "size": 42.5, "until": "2026-12-31", "wholesale": False, "colour": "red"}


def values_of(of):
    return of.model.objects.get(**{of.name: "One"}).custom


# ---- what a value is


@pytest.mark.parametrize(
    ("kind", "told", "kept"),
    [
        ("text", " XL ", "XL"),
        ("text", "  ", None),
        ("text", None, None),
        ("number", "42", 42),
        ("number", Decimal("42.500000"), 42.5),
        ("number", -0.000001, -0.000001),
        ("number", 999_999_999_999_999, 999_999_999_999_999),
        ("date", date(2026, 12, 31), "2026-12-31"),
        ("date", "2026-12-31", "2026-12-31"),
        ("yes_no", False, False),
        ("choice", "red", "red"),
        ("choice", "", None),
    ],
)
def test_a_value_is_kept_as_its_kind(kind, told, kept):
    one = CustomField(kind=kind, options=["red"])

    found = understood(one, told)

    assert (found, type(found)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("text", 42), ("text", "x" * 501), ("text", "a\x00b"), ("text", ["x"]), ("number", "many"), ("number", True),
        ("number", "NaN"), ("number", "1e20"), ("number", "1.0000001"), ("number", 1234567890123456), ("number", {}),
        ("number", "123456789012.123456"), ("date", "31.12.2026"), ("date", 20261231), ("yes_no", "yes"),
        ("yes_no", 1), ("choice", "blue"), ("choice", ["red"]),
    ],
)  # fmt: skip
def test_what_it_cannot_be_is_refused(kind, told):
    with pytest.raises(ValueError) as refused:
        understood(CustomField(kind=kind, options=["red"]), told)
    assert str(refused.value)


@every
def test_a_change_tells_what_changes_and_the_rest_stays(of):
    one_of_each(of)
    one = of.made(custom=FULL)

    of.change(one, custom={"size": None, "note": ""})
    assert values_of(of) == {key: FULL[key] for key in ("until", "wholesale", "colour")}
    for wrong in ({"unheard": 1}, {"size": "many"}):
        with pytest.raises(BadInput) as refused:
            of.change(one, custom=wrong)
        assert refused.value.field == f"custom_{next(iter(wrong))}"


@every
def test_what_is_switched_off_is_not_shown_nor_told_and_its_values_stay(of):
    made = field(of.of)
    one = of.made(custom={"size": "XL"})
    custom_fields.change(made, by=admin(), active=False)

    with pytest.raises(BadInput):
        of.change(one, custom={"size": "L"})
    assert api(anna()).get(f"{of.api}{one.pk}/").json()["custom"] == {}
    assert values_of(of) == {"size": "XL"}
    custom_fields.change(made, by=admin(), active=True)
    assert api(anna()).get(f"{of.api}{one.pk}/").json()["custom"] == {"size": "XL"}


# ---- doors


@every
def test_the_api_tells_and_changes_them(of):
    one_of_each(of)
    one, mine = of.made(), api(anna())
    address = f"{of.api}{one.pk}/"

    assert mine.patch(address, {"custom": FULL}, format="json").json()["custom"] == FULL
    assert mine.patch(address, {"custom": {"size": 7}}, format="json").json()["custom"] == {**FULL, "size": 7}
    wrong = mine.patch(address, {"custom": {"size": "many", "unheard": 1}}, format="json")
    assert wrong.status_code == 422
    assert [error["field"] for error in wrong.json()["errors"]] == ["custom.size", "custom.unheard"]
    assert mine.patch(address, {"custom": [1]}, format="json").status_code == 422
    assert values_of(of) == {**FULL, "size": 7}
    assert mine.get(of.api).json()["results"][0]["custom"] == {**FULL, "size": 7}


def test_the_api_makes_records_with_them():
    for of in ALL:
        field(of.of, "size", "number")
    mine, custom = api(anna()), {"size": 7}
    for address, told in (
        ("accounts", {"name": "New"}), ("contacts", {"account": str(firm().pk), "name": "New"}),
        ("leads", {"person": "New"}), ("deals", {"account": str(firm().pk)}),
    ):  # fmt: skip
        answer = mine.post(f"/api/v1/{address}/", {**told, "custom": custom}, format="json")
        assert (answer.status_code, answer.json()["custom"]) == (201, custom)


FORMS = {
    "account": lambda one: (
        f"/accounts/{one.pk}/edit/",
        {"name": one.name, "kind": "company", "owner": one.owner_id, "version": one.version},
    ),
    "contact": lambda one: (f"/accounts/contacts/{one.pk}/", {"name": one.name}),
    "lead": lambda one: (
        f"/leads/{one.pk}/edit/",
        {"person": one.person, "source": one.source, "version": one.version},
    ),
    "deal": lambda one: (f"/pipeline/{one.pk}/edit/", {"title": one.title}),
}


@every
def test_the_full_form_asks_and_keeps_and_the_page_shows(of):
    one_of_each(of)
    one, page = of.made(), browser(anna())
    address, told = FORMS[of.of](one)
    typed = {"custom_note": "Likes tea", "custom_size": "42.5", "custom_until": "2026-12-31",
             "custom_wholesale": "false", "custom_colour": "red"}  # fmt: skip

    assert page.get(address).content.decode().count('name="custom_') == 5
    page.post(address, {**told, **typed})
    assert values_of(of) == FULL
    again = page.get(address).content.decode()
    assert 'value="42.5"' in again
    assert 'value="2026-12-31"' in again
    assert '<option value="false" selected>' in again
    if of is not Contacts:
        shown = page.get(one.get_absolute_url()).content.decode()
        assert all(words in shown for words in ("Likes tea", "42.5", "31", "Wholesale", "red"))
    told = FORMS[of.of](of.model.objects.get(pk=one.pk))[1]
    page.post(address, {**told, **typed, "custom_size": "", "custom_wholesale": ""})
    assert values_of(of) == {key: FULL[key] for key in ("note", "until", "colour")}


@every
def test_what_is_required_is_asked_for_on_the_full_form_only(of):
    field(of.of, required=True)
    one, page = of.made(), browser(anna())
    address, told = FORMS[of.of](one)

    answer = page.post(address, {**told, "custom_size": ""})

    assert answer.status_code == 422
    of.change(one, **{of.name: "Two"})
    assert of.model.objects.get(pk=one.pk).custom == {}


def test_who_captures_in_a_hurry_is_asked_for_nothing_more():
    for of in ALL:
        field(of.of, required=True)
    page = browser(anna())

    for address, told in (
        ("/leads/new/", {"person": "Maria"}), ("/accounts/new/", {"name": "New", "contact_name": "Maria"}),
        (f"/pipeline/new/{firm().pk}/", {"title": "Tea"}),
    ):  # fmt: skip
        assert page.post(address, told, headers=HTMX).status_code == 204


@every
def test_the_history_tells_each_field_before_and_after(of):
    one_of_each(of)
    one = of.made(custom={"size": 42})
    of.change(one, custom={"size": 43.5, "until": "2026-12-31", "wholesale": True})

    told = api(anna()).get(f"{of.api}{one.pk}/history/").json()[0]["differences"]

    found = [(row["field"], row["label"], row["before"], row["after"]) for row in told if row["field"][:7] == "custom."]
    assert found == [
        ("custom.size", "Size", "42", "43.5"), ("custom.until", "Until", "–", "Dec. 31, 2026"),
        ("custom.wholesale", "Wholesale", "–", "yes"),
    ]  # fmt: skip


def test_a_won_deal_may_be_told_more_of():
    field("deal")
    offered()
    won = pipeline.win(deal(("CHAI", "5"), by=anna()), anna())

    assert pipeline.change_deal(won, custom={"size": "XL"}).custom == {"size": "XL"}


# ---- lists


@every
def test_a_column_for_each_is_there_to_be_chosen_and_exported(of):
    one_of_each(of)
    of.made(custom=FULL)
    of.made("Two")
    first = of.page + "?columns=custom_note,custom_size,custom_until,custom_wholesale,custom_colour&view=all"
    page = browser(anna())

    text = page.get(first).content.decode()
    lines = b"".join(page.get(f"/lists/{of.list}/export/csv/{first.removeprefix(of.page)}").streaming_content).decode()

    assert all(words in text for words in ("Likes tea", "42.5", "2026-12-31", "Colour"))
    assert "Likes tea,42.5,2026-12-31,no,red" in lines
    assert ">Note<" not in page.get(f"{of.page}?view=all").content.decode()


@every
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("custom_note=TEA", {"One"}),
        ("custom_size__from=42", {"One", "Two"}),
        ("custom_size__until=42.4", set()),
        ("custom_size__from=43&custom_size__until=100.5", {"Two"}),
        ("custom_until__from=2026-12-31", {"One"}),
        ("custom_until__until=2026-12-30", {"Two"}),
        ("custom_wholesale=true", {"Two"}),
        ("custom_wholesale=false", {"One"}),
        ("custom_colour=red", {"One"}),
        ("custom_colour=red&custom_size__from=43", set()),
    ],
)
def test_each_narrows_list_and_api_alike(of, query, found):
    one_of_each(of)
    of.made("One", custom=FULL)
    of.made("Two", custom={"size": 100, "until": "2025-01-01", "wholesale": True, "note": "Coffee"})
    of.made("Three")

    page = browser(anna()).get(f"{of.page}?{query}&view=all")
    answer = api(anna()).get(f"{of.api}?{query}").json()["results"]

    assert {getattr(row, of.name) for row in page.context["page"].rows} == found
    assert {one[of.name] for one in answer} == found


@every
def test_the_sheet_of_filters_offers_them_and_the_api_refuses_what_is_none(of):
    one_of_each(of)
    sheet = browser(anna()).get(f"{of.page}?view=all&part=filters", headers=HTMX).content.decode()

    assert all(f'name="{name}"' in sheet for name in ("custom_note", "custom_size__from", "custom_colour"))
    assert api(anna()).get(f"{of.api}?custom_unheard=x").status_code == 400
    assert api(anna()).get(f"{of.api}?custom_size__from=many").status_code in (400, 422)


@every
def test_words_are_found_where_text_is_written(of):
    one_of_each(of)
    of.made("One", custom={"note": "Likes Darjeeling"})
    of.made("Two", custom={"colour": "green"})

    def names(text):
        return {
            getattr(row, of.name) for row in browser(anna()).get(f"{of.page}?q={text}&view=all").context["page"].rows
        }

    assert (names("darjeel"), names("green"), names("absent")) == ({"One"}, {"Two"}, set())
    assert [one[of.name] for one in api(anna()).get(f"{of.api}?q=darjeel").json()["results"]] == ["One"]


# ---- files


@every
def test_a_file_fills_them_and_the_second_time_changes_nothing(media, of):
    field(of.of, "size", "number")
    firm()
    text = of.file.format(name="One", value="42.50")

    first = imported(of.list, text, anna())
    again = imported(of.list, text, anna())
    assert (first.counts, again.counts, values_of(of)) == ({"new": 1}, {"unchanged": 1}, {"size": 42.5})

    changed = imported(of.list, of.file.format(name="One", value="43"), anna())
    assert values_of(of) == {"size": 43}
    undone(changed)
    assert values_of(of) == {"size": 42.5}
    wrong = imported(of.list, of.file.format(name="Two", value="many"), anna())
    assert wrong.counts == {"error": 1}


def test_a_choice_in_a_file_is_one_of_the_options(media):
    field("account", "size", "choice", options=["Large", "Small"])

    done = imported("accounts", "Name,Size\nOne,large\nTwo,huge\n", anna())

    assert (done.counts, values_of(Accounts)) == ({"new": 1, "error": 1}, {"size": "Large"})


# ---- merging


def test_what_one_leaves_empty_the_other_fills_and_split_each_has_its_own_again():
    one_of_each(Accounts)
    one, two = Accounts.made("One", custom={"size": 42}), Accounts.made("Two", custom={"size": 7, "note": "Tea"})
    boss = user("manager", name="boss")

    page = browser(boss).get(f"/accounts/{one.pk}/merge/?other={two.pk}").content.decode()
    made = merging.merge(one, two, by=boss)
    assert Account.objects.get().custom == {"size": 42, "note": "Tea"}
    assert "Note: Tea · Size: 42" in page

    merging.split(made, by=boss)
    assert {row.name: row.custom for row in Account.objects.all()} == {
        "One": {"size": 42}, "Two": {"size": 7, "note": "Tea"},
    }  # fmt: skip


def test_contacts_are_merged_with_what_they_say():
    field("contact")
    one, two = Contacts.made("One"), Contacts.made("Two", custom={"size": "XL"})
    boss = user("manager", name="boss")

    made = merging.merge(one, two, by=boss)
    assert values_of(Contacts) == {"size": "XL"}
    merging.split(made, by=boss)
    assert values_of(Contacts) == {}


def test_a_field_that_is_gone_since_the_merge_does_not_hinder_the_split():
    made_field = field("account")
    one, two = Accounts.made("One"), Accounts.made("Two", custom={"size": "XL"})
    made = merging.merge(one, two, by=user("manager", name="boss"))
    Accounts.change(Account.objects.get(), custom={"size": None})
    custom_fields.remove(made_field, by=admin())

    merging.split(made, by=user("manager", name="boss"))

    assert {row.name: row.custom for row in Account.objects.all()} == {"One": {}, "Two": {}}


# ---- how often it is asked


@pytest.mark.parametrize("of", [Accounts, Leads, Deals])
def test_a_page_asks_for_the_fields_once(of):
    one_of_each(of)
    of.made(custom=FULL)
    page = browser(anna())
    page.get(of.page)

    with CaptureQueriesContext(connection) as asked:
        page.get(f"{of.page}?columns=custom_note&custom_note=tea&view=all")
    assert sum("accounts_customfield" in one["sql"] for one in asked.captured_queries) == 1


def test_who_works_outside_of_a_request_sees_what_there_is():
    assert rules_of("lead").fields == ()
    field("lead")

    assert [one.key for one in rules_of("lead").fields] == ["size"]
    assert leads.create_lead(person="Maria", custom={"size": "XL"}).custom == {"size": "XL"}


def test_what_a_lead_says_goes_along_where_a_field_of_that_key_and_kind_is():
    field("lead", "size"), field("account", "size"), field("contact", "size", "number"), field("deal", "size")
    field("lead", "colour", "choice"), field("deal", "colour", "choice", options=["green"])
    one = Leads.made("Maria", company="Alfreds", custom={"size": "XL", "colour": "red"})

    made = conversion.convert(one, by=anna(), deal=conversion.DealWanted())

    assert (made.account.custom, made.contact.custom, made.deal.custom) == ({"size": "XL"}, {}, {"size": "XL"})
