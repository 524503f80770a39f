"""What the database itself keeps: by hand, as the owner, and to rivals."""

from decimal import Decimal

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from base.ids import uuid7
from erp.fapiao import refusals, services
from erp.fapiao.models import Fapiao
from erp.proof.services import prove
from tests.erp.fapiao.makers import (
    TEA_TWICE,
    accountant,
    china,
    credited,
    digital,
    invoiced,
    issued,
    requested,
)  # fmt: skip
from tests.erp.invoices.makers import rivals
from tests.erp.orders.makers import TODAY

D = Decimal


def at_once(statement, *values):
    """Run it and let the checks that wait for the commit have their say."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def again(fapiao, **changes):
    """The row once more, with other values, as somebody would write it by hand."""
    names = [field.column for field in Fapiao._meta.concrete_fields]
    told = {"id": uuid7(), "status": "requested", "number": "", "issued_on": None, "sent_at": None} | changes
    columns = ", ".join("%s" if name in told else name for name in names)
    values = [told[name] for name in names if name in told]
    at_once(
        f"INSERT INTO fapiao_fapiao ({', '.join(names)}) SELECT {columns} FROM fapiao_fapiao WHERE id = %s",
        *values, fapiao.pk,
    )  # fmt: skip


@pytest.mark.django_db
class TestByHand:
    @pytest.fixture(autouse=True)
    def _books(self):
        china()

    def test_what_is_issued_stays(self):
        blue = issued()
        for column, value in (
            ("net", "1"), ("gross", "1"), ("number", digital()), ("buyer_name", "x"), ("status", "requested"),
            ("status", "reversed"), ("status", "withdrawn"), ("issued_on", "2026-01-01"), ("link", "https://x.cn"),
            ("sent_at", timezone.now()), ("by_hand", True),
        ):  # fmt: skip
            with pytest.raises(DatabaseError):
                at_once(f"UPDATE fapiao_fapiao SET {column} = %s WHERE id = %s", value, blue.pk)

    def test_what_is_asked_for_keeps_its_amounts_and_buyer(self):
        made = requested()
        for column, value in (("net", "1"), ("kind", "special"), ("buyer_name", "x"), ("status", "reversed")):
            with pytest.raises(DatabaseError):
                at_once(f"UPDATE fapiao_fapiao SET {column} = %s WHERE id = %s", value, made.pk)
        with pytest.raises(DatabaseError):
            at_once("UPDATE fapiao_fapiao SET status = 'issued' WHERE id = %s", made.pk)

    def test_nothing_is_deleted(self):
        issued()
        for statement in (
            "DELETE FROM fapiao_fapiao", "TRUNCATE fapiao_fapiao CASCADE", "DELETE FROM fapiao_fapiaoamount",
            "UPDATE fapiao_fapiaoamount SET net = net", "TRUNCATE fapiao_fapiaoamount",
        ):  # fmt: skip
            with pytest.raises(DatabaseError):
                at_once(statement)

    def test_amounts_are_the_invoices_and_none_comes_later(self):
        blue = requested()
        with pytest.raises(DatabaseError, match="does not say"):
            at_once(
                "INSERT INTO fapiao_fapiaoamount (fapiao_id, tax_class, rate, net, tax) VALUES (%s, 'x', 0, 5, 0)",
                blue.pk,
            )
        services.withdraw(blue, accountant())
        with pytest.raises(DatabaseError, match="does not say"):
            again(blue)  # without its amounts

    def test_an_invoice_has_one_and_a_number_is_there_once(self):
        blue = issued()
        with pytest.raises(DatabaseError, match="fapiao_one_effective"):
            again(blue)
        with pytest.raises(DatabaseError):
            again(blue, status="issued", number=digital(), issued_on=TODAY)

    def test_a_red_letter_takes_back_just_what_is_there(self):
        blue = issued()
        red = {"colour": "red", "reverses_id": blue.pk, "reason": "sales_return"}
        minus = {"net": -blue.net, "tax": -blue.tax, "gross": -blue.gross}
        with pytest.raises(DatabaseError, match="fapiao_colour_and_signs"):
            again(blue, **red)
        with pytest.raises(DatabaseError, match="does not say"):
            again(blue, **red, **minus)
        with pytest.raises(DatabaseError, match="does not say"):
            again(blue, **red, net=D("-1"), tax=D("0"), gross=D("-1"))
        with pytest.raises(DatabaseError, match="of the same invoice"):
            again(blue, **red, **minus, buyer_name="x")

    def test_the_blue_one_says_what_its_red_letters_say(self):
        blue = issued()
        red = services.request_red(blue, "invoicing_error", accountant())
        for status in ("issued", "reversed"):
            with pytest.raises(DatabaseError):
                at_once("UPDATE fapiao_fapiao SET status = %s WHERE id = %s", status, blue.pk)
        with pytest.raises(DatabaseError, match="differ"):
            at_once(
                "UPDATE fapiao_fapiao SET status = 'issued', number = %s, issued_on = %s WHERE id = %s",
                digital(), TODAY, red.pk,
            )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_owner_cannot_either(as_owner):
    china()
    issued()

    for statement, state in (
        ("UPDATE fapiao_fapiao SET gross = 1, net = 1, tax = 0", "HM120"),
        ("DELETE FROM fapiao_fapiao", "HM120"),
        ("TRUNCATE fapiao_fapiao CASCADE", "HM010"),
        ("UPDATE fapiao_fapiaoamount SET net = 0", "HM010"),
    ):
        with pytest.raises(psycopg.Error) as refused:
            as_owner.execute(statement)
        assert refused.value.sqlstate == state, statement


@pytest.mark.django_db(transaction=True)
def test_rivals_ask_once_for_an_invoice():
    china()
    invoice, li = invoiced(), accountant()

    answers = rivals(8, lambda number: services.request(invoice, "ordinary", li))

    assert sum(isinstance(answer, Fapiao) for answer in answers) == Fapiao.objects.count() == 1
    assert {type(answer) for answer in answers} == {Fapiao, refusals.HasFapiao}


@pytest.mark.django_db(transaction=True)
def test_rivals_take_it_back_once():
    china()
    blue, li = issued(invoiced(TEA_TWICE)), accountant()
    notes = [credited(blue.invoice, "3"), credited(blue.invoice, "7"), None, None]

    answers = rivals(4, lambda number: services.request_red(blue, "sales_return", li, credit_note=notes[number]))

    assert sum(isinstance(answer, Fapiao) for answer in answers) == 1
    assert {type(answer) for answer in answers} == {Fapiao, refusals.RedLetterWaits}


@pytest.mark.django_db(transaction=True)
def test_rivals_with_different_answers_leave_one():
    china()
    made = requested()
    numbers = [digital() for _rival in range(6)]

    answers = rivals(6, lambda number: services.issue(made, numbers[number], TODAY))

    assert sum(isinstance(answer, Fapiao) for answer in answers) == 1
    assert {type(answer) for answer in answers} == {Fapiao, refusals.AnsweredOtherwise}


@pytest.mark.django_db(transaction=True)
def test_the_proof_holds_and_finds_what_was_bent(as_owner):
    china()
    blue = issued(invoiced(TEA_TWICE))
    note = credited(blue.invoice, "3")
    services.issue(services.request_red(blue, "sales_return", accountant(), credit_note=note), digital(), TODAY)
    services.refuse(services.request_red(blue, "sales_allowance", accountant()), "no")
    services.issue(services.request_red(blue, "sales_allowance", accountant()), digital(), TODAY)
    issued(blue.invoice)
    assert broken() == []

    as_owner.execute("ALTER TABLE fapiao_fapiao DISABLE TRIGGER USER")
    as_owner.execute("ALTER TABLE fapiao_fapiaoamount DISABLE TRIGGER USER")
    as_owner.execute("UPDATE fapiao_fapiaoamount SET net = net - 1 WHERE net < 0")

    assert broken() == ["F1 amounts", "F3 red letters"]


def broken():
    return [
        one.code
        for one in prove().findings.all()
        if not one.holds and one.code.startswith("F") and "FX" not in one.code
    ]
