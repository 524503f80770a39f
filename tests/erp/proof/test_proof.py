"""The proof holds on honest books, and each rule finds what breaks it, however that came to be."""

import json
from decimal import Decimal
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from base.ids import uuid7
from erp.invoices import services as invoices
from erp.ledger import sealing
from erp.proof import services as proof
from erp.proof.invariants import all_invariants
from erp.proof.models import Run
from erp.returns import services as returns
from tests import environment
from tests.erp.makers import company, user
from tests.erp.returns.makers import delivered, wished_back
from tests.helpers import page_queries

D = Decimal


def a_day_at_work():
    """An order with deal, parcel, invoice, payment and return."""
    order = delivered(deal=uuid7())
    invoice = order.invoices.get()
    invoices.take_payment(invoice, D("20.00"), invoice.date)
    returns.settle(returns.receive(returns.authorise(wished_back(order))))
    sealing.fold()
    sealing.seal(most=2)
    return order


def broken_by(intruder, *statements):
    """Which rules the process role finds broken after somebody with the server's password did this, guards off."""
    try:
        for statement in statements:
            assert intruder.execute(statement).rowcount, statement
        intruder.execute("SET LOCAL ROLE erp_app")
        return {found.code for found in all_invariants() if intruder.execute(found.query).fetchone()}
    finally:
        intruder.rollback()


def missed_of(breaks):
    """Which rules do not find what breaks them, done with the guards off."""
    url = psycopg.conninfo.make_conninfo(environment.superuser_url(connection.settings_dict["NAME"]))
    with psycopg.connect(url) as intruder:
        intruder.execute("SET session_replication_role = replica")
        intruder.commit()
        return [code for code, statements in breaks.items() if code not in broken_by(intruder, *statements)]


@pytest.mark.django_db(transaction=True)
def test_after_a_day_at_work_every_rule_holds():
    a_day_at_work()

    run = proof.prove()

    assert [(finding.code, finding.sample, finding.error) for finding in run.findings.all() if not finding.holds] == []
    assert (run.checked, run.broken) == (len(list(all_invariants())), 0)


LINE = "(SELECT min(id) FROM ledger_journalline)"
BREAKS = {
    "I1 sides": [f"UPDATE ledger_journalline SET debit = -debit, credit = -credit WHERE id = {LINE}"],
    "I2 balance": [f"UPDATE ledger_journalline SET debit = debit * 2, credit = credit * 2 WHERE id = {LINE}"],
    "I3 triggers": ["ALTER TABLE ledger_journalline DISABLE TRIGGER USER"],
    "I3 grants": ["GRANT UPDATE ON ledger_journalline TO erp_app"],
    "I5 periods": ["UPDATE ledger_journalentry SET date = date - 400"],
    "I6 numbers": ["UPDATE ledger_journalentry SET sequence = 99 WHERE sequence = 1"],
    "I8 seals": ["DELETE FROM ledger_seal WHERE position = 1"],
    "I9 cost centres": [f"UPDATE ledger_journalline SET project_id = uuidv7() WHERE id = {LINE}"],
    "I12 sums": ["UPDATE ledger_daysum SET debit = debit + 1 WHERE id = (SELECT min(id) FROM ledger_daysum)"],
    "I12 months": ["UPDATE ledger_monthsum SET debit = debit + 1 WHERE id = (SELECT min(id) FROM ledger_monthsum)"],
    "I9 receivables": [
        "UPDATE invoices_openitem SET open_amount = open_amount + 1 WHERE invoice_id IN "
        "(SELECT id FROM invoices_invoice WHERE kind = 'invoice')"
    ],
    "I10 allocations": ["UPDATE invoices_allocation SET amount = amount + 1"],
    "I10 receipts": ["UPDATE banking_receipt SET amount = 1"],
    "I6 invoices": ["UPDATE invoices_invoice SET number = regexp_replace(number, '1$', '7')"],
    "Once": ["UPDATE invoices_invoiceline SET quantity = 1 WHERE kind = 'goods'"],
    "Tax": ["UPDATE invoices_invoiceline SET tax = tax + 1"],
    "I23 promises": ["UPDATE orders_orderline SET unit_price = unit_price - 1"],
    "I23 prices": ["UPDATE invoices_invoiceline SET unit_price = unit_price - 1"],
    "I13 balances": ["UPDATE inventory_stockbalance SET on_hand = on_hand + 1"],
    "I16 account": ["UPDATE inventory_stockbalance SET value = value + 1"],
    "I16 entries": ["UPDATE inventory_stockmove SET value = value + 1 WHERE reason = 'shipment'"],
    "I17 returns": ["UPDATE inventory_stockmove SET quantity = 99 WHERE reason = 'return'"],
    "Shipped": ["UPDATE orders_orderline SET quantity_shipped = 4, quantity_invoiced = 4"],
    "I24 outbox": ["DELETE FROM outbox_message WHERE (aggregate, position) IN "
                   "(SELECT aggregate, 2 FROM outbox_message GROUP BY aggregate HAVING max(position) > 2)"],
}  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_what_breaks_a_rule_is_found():
    a_day_at_work()

    assert missed_of(BREAKS) == []


@pytest.mark.django_db
def test_who_keeps_the_books_is_told_and_the_command_ends_with_one(monkeypatch):
    accountant, keeper = user("accountant"), user("warehouse", name="keeper")
    liar = type(next(iter(all_invariants())))("X9", "Nothing is there.", "SELECT 'A' AS what, 'is there' AS detail")
    monkeypatch.setattr(proof, "all_invariants", lambda: iter([liar]))
    monkeypatch.setattr("erp.proof.management.commands.prove.all_invariants", lambda: iter([liar]))
    out = StringIO()

    with pytest.raises(SystemExit) as end:
        call_command("prove", "--json", stdout=out)

    assert end.value.code == 1
    first = json.loads(out.getvalue().splitlines()[0])
    assert (first["code"], first["rows"], first["sample"]) == ("X9", 1, [["A", "is there"]])
    assert [notice.text for notice in accountant.notices.all()] == ["The proof of the books found something: X9"]
    assert keeper.notices.count() == 0


@pytest.mark.django_db
def test_the_page_shows_the_last_run_and_the_api_makes_one(django_assert_num_queries):
    company()
    auditor, keeper = Client(), Client()
    auditor.force_login(user("auditor"))
    keeper.force_login(user("warehouse"))
    api = APIClient()
    api.force_login(user("auditor", name="program"))

    assert "Nothing was proved yet" in auditor.get("/proof/").content.decode()
    made = api.post("/api/v1/proofs/run/")

    assert (made.status_code, made.json()["broken"]) == (201, 0)
    assert "all hold" in auditor.get("/proof/").content.decode()
    with django_assert_num_queries(page_queries(3)):
        auditor.get("/proof/")
    assert auditor.get(Run.objects.get().get_absolute_url()).status_code == 200
    assert [keeper.get("/proof/").status_code, keeper.post("/proof/start/").status_code] == [403, 403]
    assert auditor.post("/proof/start/").status_code == 302
