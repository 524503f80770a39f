"""Fields that a company adds: who may, what they are, and what stays while records say something in them."""

import threading

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import translation

from base.refusals import BadInput, NotAllowed
from crm.accounts import custom_fields
from crm.accounts.custom_fields import FieldInUse, KeyTaken, OptionInUse, TooManyFields
from crm.accounts.models import Account, CustomField
from tests.crm.custom.makers import ALL, Accounts, Leads, admin, anna, api, browser, field
from tests.crm.makers import account, user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_admins_add_fields_and_nobody_else():
    for who in (anna(), user("manager"), user("agent")):
        with pytest.raises(NotAllowed):
            custom_fields.make("lead", "size", by=who, label_en="Size")
        assert api(who).post("/api/v1/custom-fields/", {"of": "lead"}, format="json").status_code == 403
        assert api(who).get("/api/v1/custom-fields/").status_code == 200
        assert browser(who).get("/accounts/fields/new/").status_code == 403

    made = field("lead", "shoe_size", "number", label_en=" Shoe  size ", label_zh="鞋码")

    assert (made.label, made.position, made.options) == ("Shoe size", 10, [])
    with translation.override("zh-hans"):
        assert str(made.words) == made.label == "鞋码"


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"key": "Size"}, "key"),
        ({"key": "a__b"}, "key"),
        ({"key": "contains"}, "key"),
        ({"label_en": " "}, "label_en"),
        ({"kind": "choice"}, "options"),
        ({"kind": "choice", "options": ["x" * 61]}, "options"),
        ({"kind": "choice", "options": [f"no {number}" for number in range(51)]}, "options"),
        ({"kind": "colour"}, "kind"),
    ],
)
def test_what_is_no_field_is_refused_at_what_is_wrong(wrong, at):
    told = {"of": "lead", "key": "size", "label_en": "Size", **wrong}

    with pytest.raises(BadInput) as refused:
        custom_fields.make(told.pop("of"), told.pop("key"), by=admin(), **told)

    assert refused.value.field == at
    assert not CustomField.objects.exists()


def test_a_key_is_once_for_each_kind_of_record():
    field("lead", "size")
    field("account", "size")

    with pytest.raises(KeyTaken):
        field("lead", "size")


def test_thirty_are_enough():
    for number in range(30):
        field("lead", f"no_{number}")
    field("deal", "one")

    with pytest.raises(TooManyFields):
        field("lead", "one_more")
    with pytest.raises(DatabaseError, match="thirty"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_customfield (id, of, key, label_en, label_zh, kind, options, required, position,"
            " active, created_at, updated_at) SELECT gen_random_uuid(), 'lead', 'more', 'More', '', 'text', '{}',"
            " false, 1, true, now(), now()"
        )


@pytest.mark.parametrize("of", ALL)
def test_a_field_with_values_keeps_its_kind_and_stays(of):
    made = field(of.of)
    of.made(custom={"size": "XL"})

    with pytest.raises(FieldInUse):
        custom_fields.change(made, by=admin(), kind="number")
    with pytest.raises(FieldInUse):
        custom_fields.remove(made, by=admin())
    custom_fields.change(made, by=admin(), active=False)
    with pytest.raises(FieldInUse):
        custom_fields.change(made, by=admin(), kind="date")
    assert of.model.objects.get().custom == {"size": "XL"}


def test_a_field_without_values_becomes_another_and_goes():
    made = field("lead")

    assert custom_fields.change(made, by=admin(), kind="choice", options=["a", " a ", "b"]).options == ["a", "b"]
    assert custom_fields.change(made, by=admin(), kind="number").options == []
    custom_fields.remove(made, by=admin())
    assert not CustomField.objects.exists()
    assert [row.history_type for row in CustomField.history.order_by("history_id")] == ["+", "~", "~", "-"]


def test_an_option_that_is_said_stays():
    made = field("account", "colour", "choice", options=["red", "green", "blue"])
    account("One", custom={"colour": "red"})

    with pytest.raises(OptionInUse, match="red"):
        custom_fields.change(made, by=admin(), options=["green"])
    assert custom_fields.change(made, by=admin(), options=["red", "pink"]).options == ["red", "pink"]


@pytest.mark.parametrize("of", ALL)
@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("UPDATE {table} SET custom = '[]'", "23514"),
        ("UPDATE {table} SET custom = '\"x\"'", "23514"),
        ("UPDATE {table} SET custom = '{{\"size\": [1]}}'", "HM103"),
        ('UPDATE {table} SET custom = \'{{"size": {{"a": 1}}}}\'', "HM103"),
        ("UPDATE {table} SET custom = '{{\"size\": null}}'", "HM103"),
        ("UPDATE {table} SET custom = '{{\"size\": 42}}'", "HM103"),
        ('UPDATE {table} SET custom = \'{{"unheard": "x"}}\'', "HM103"),
        ("UPDATE {table} SET custom = NULL", "23502"),
        ("UPDATE accounts_customfield SET kind = 'number'", "HM105"),
        ("UPDATE accounts_customfield SET key = 'other'", "HM104"),
        ("UPDATE accounts_customfield SET of = 'ticket'", "HM104"),
        ("DELETE FROM accounts_customfield", "HM105"),
        ("UPDATE accounts_customfield SET options = '{{x}}'", "23514"),
    ],
)
def test_the_database_keeps_fields_and_values_together(of, statement, state):
    field(of.of)
    of.made(custom={"size": "XL"})

    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=of.table))

    assert refused.value.__cause__.sqlstate == state
    assert of.model.objects.get().custom == {"size": "XL"}


@pytest.mark.parametrize("of", ALL)
@pytest.mark.parametrize("value", ["[1]", '{"a": 1}', "null"])
def test_only_plain_values_stand_on_a_record_whatever_a_trigger_says(of, value):
    """The constraint alone: without the trigger, which the app role may not switch off."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s",
                       [f"{of.of}_custom_is_plain"])  # fmt: skip
        told = cursor.fetchone()[0].removeprefix("CHECK ")
        cursor.execute(f"SELECT {told} FROM (SELECT jsonb_build_object('size', %s::jsonb) AS custom) one", [value])
        assert cursor.fetchone() == (False,)


def test_the_option_that_is_said_stays_in_the_database_too():
    made = field("lead", "colour", "choice")
    Leads.made(custom={"colour": "red"})

    with pytest.raises(DatabaseError, match="option"), transaction.atomic():
        CustomField.objects.filter(pk=made.pk).update(options=["green"])


@pytest.mark.django_db(transaction=True)
def test_of_a_value_and_another_kind_at_once_one_waits_for_the_other():
    made, one = field("account"), account("One")
    written, failed = threading.Event(), []

    def change():
        try:
            written.wait(10)
            CustomField.objects.filter(pk=made.pk).update(kind="number")
        except DatabaseError as error:
            failed.append(error.__cause__.sqlstate)
        finally:
            connection.close()

    rival = threading.Thread(target=change)
    rival.start()
    with transaction.atomic():
        Account.objects.filter(pk=one.pk).update(custom={"size": "XL"})
        written.set()
        rival.join(0.5)
        assert rival.is_alive()
    rival.join(10)

    assert failed == ["HM105"]
    assert CustomField.objects.get().kind == "text"


def test_the_page_and_its_sheets():
    page = browser(admin())
    page.post(
        "/accounts/fields/new/",
        {"of": "lead", "key": "colour", "label_en": "Colour", "label_zh": "颜色", "kind": "choice",
         "options": "red\n green ", "active": "on"},
        headers=HTMX,
    )  # fmt: skip
    made = CustomField.objects.get()
    assert (made.options, made.required, made.active, made.position) == (["red", "green"], False, True, 10)

    text = page.get("/accounts/fields/").content.decode()
    assert "Colour" in text
    assert f"/accounts/fields/{made.pk}/" in text
    sheet = page.get(f"/accounts/fields/{made.pk}/", headers=HTMX).content.decode()
    assert "red\ngreen" in sheet
    assert "Remove field" in sheet
    told = {"label_en": "Colour", "kind": "choice", "options": "red\ngreen\nblue", "position": "5"}
    assert page.post(f"/accounts/fields/{made.pk}/", told, headers=HTMX).status_code == 204
    made.refresh_from_db()
    assert (made.options, made.active, made.position) == (["red", "green", "blue"], False, 5)
    wrong = page.post(f"/accounts/fields/{made.pk}/", {**told, "options": ""}, headers=HTMX)
    assert wrong.status_code == 422
    page.post(f"/accounts/fields/{made.pk}/remove/")
    assert not CustomField.objects.exists()


def test_the_api_adds_changes_and_removes_them():
    root = api(admin())
    told = {"of": "account", "key": "size", "label_en": "Size", "kind": "number"}
    made = root.post("/api/v1/custom-fields/", told, format="json").json()
    address = f"/api/v1/custom-fields/{made['id']}/"

    assert (made["position"], made["active"], made["options"]) == (10, True, [])
    assert root.post("/api/v1/custom-fields/", told, format="json").json()["code"] == "key-taken"
    assert root.patch(address, {"label_zh": "尺码"}, format="json").json()["label_zh"] == "尺码"
    assert root.patch(address, {"key": "other"}, format="json").status_code == 422
    Accounts.made(custom={"size": 42})
    assert root.patch(address, {"kind": "text"}, format="json").json()["code"] == "field-in-use"
    assert root.delete(address).json()["code"] == "field-in-use"
    assert api(anna()).patch(address, {"label_zh": "x"}, format="json").status_code == 403
    assert [one["key"] for one in api(anna()).get("/api/v1/custom-fields/?of=account").json()["results"]] == ["size"]


def test_two_of_a_key_at_once_are_one():
    field("lead", "size")

    with pytest.raises(IntegrityError), transaction.atomic():
        CustomField.objects.create(of="lead", key="size", label_en="Again")
