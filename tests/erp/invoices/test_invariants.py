"""What the database itself refuses: by hand, as the owner, and to rivals."""

from decimal import Decimal
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from base.refusals import Refused
from erp.invoices import refusals, services
from erp.invoices.models import Allocation, Invoice, InvoiceLine, NumberSeries, OpenItem
from erp.ledger.models import JournalEntry
from erp.ledger.reports import account_balance
from erp.orders.models import OrderLine
from tests.erp.invoices.makers import invoice_of, rivals, ship, shipped_order
from tests.erp.orders.makers import TODAY, make_order, offer

D = Decimal


@pytest.mark.django_db(transaction=True)
def test_twenty_rivals_issue_the_same_order_and_exactly_one_invoice_stands():
    order = shipped_order(("CHAI", "5", "20.00"))

    answers = rivals(20, lambda number: services.issue(order, date=TODAY))

    assert sum(isinstance(answer, Invoice) for answer in answers) == 1
    assert {type(answer) for answer in answers} == {Invoice, refusals.NothingToInvoice}
    assert JournalEntry.objects.filter(source_type="invoice").count() == Invoice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_rivals_on_many_orders_leave_no_gap_even_when_some_give_up():
    offer("CHAI", "20.00", tax_class="standard")
    orders = [make_order(("CHAI", "1", "20.00")) for _order in range(8)]
    for order in orders:
        ship(order)

    def work(number):
        with transaction.atomic():
            services.issue(orders[number], date=TODAY)
            if number % 3 == 0:
                transaction.set_rollback(True)
        return number

    rivals(8, work)

    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == [f"INV-2026-{number:06d}" for number in range(1, 6)]
    assert NumberSeries.objects.get().last == 5


@pytest.mark.django_db(transaction=True)
def test_rivals_paying_the_same_invoice_never_pay_more_than_it_asks():
    invoice = invoice_of(("CHAI", "5", "20.00"))

    answers = rivals(10, lambda number: services.take_payment(invoice, D("50.00"), TODAY))

    assert sum(isinstance(answer, Refused) for answer in answers) == 8
    assert Invoice.objects.get().open_amount == account_balance("receivable") == D("19.00")


@pytest.mark.django_db(transaction=True)
def test_rivals_crediting_the_same_goods_credit_them_once():
    invoice = invoice_of(("CHAI", "5", "20.00"))
    line = invoice.order.lines.get()

    answers = rivals(5, lambda number: services.credit(invoice.order, [(line, D(3))], "Broken", date=TODAY))

    assert sum(isinstance(answer, Invoice) for answer in answers) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Invoice, InvoiceLine, OpenItem, Allocation, NumberSeries])
def test_issued_documents_stay_as_they_are(model):
    invoice = invoice_of()
    services.take_payment(invoice, D("19.00"), TODAY)
    field = next(field for field in model._meta.concrete_fields if not field.primary_key)
    row = model.objects.first()

    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(**{field.attname: getattr(row, field.attname)})
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all()._raw_delete("default")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")


@pytest.mark.django_db
def test_an_invoice_written_by_hand_is_refused():
    invoice = invoice_of()
    invoice.pk, invoice.number, invoice.part = uuid4(), "INV-2026-000002", 2

    with pytest.raises(DatabaseError), transaction.atomic():
        invoice.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_the_owner_cannot_write_or_change_documents_by_hand(as_owner):
    invoice = invoice_of()
    services.take_payment(invoice, D("19.00"), TODAY)

    for statement in (
        "UPDATE invoices_invoice SET payable = 1",
        "DELETE FROM invoices_invoiceline",
        "TRUNCATE invoices_allocation",
        "INSERT INTO invoices_invoiceline SELECT * FROM invoices_invoiceline",
        "UPDATE invoices_openitem SET open_amount = 0",
        "UPDATE invoices_numberseries SET last = 7",
        "DELETE FROM invoices_numberseries",
        "TRUNCATE invoices_numberseries",
    ):
        with pytest.raises(psycopg.Error) as refused:
            as_owner.execute(statement)
        assert refused.value.sqlstate in {"HM010", "HM071", "HM079", "HM076"}, statement


@pytest.mark.django_db
def test_the_database_allocates_no_more_than_is_open():
    invoice = invoice_of(("CHAI", "5", "20.00"))
    receipt = services.take_payment(invoice, D("19.00"), TODAY)

    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        Allocation.objects.create(invoice=invoice, receipt=receipt, amount=D("1.00"), date=TODAY)

    assert refused.value.__cause__.sqlstate == "HM078"


@pytest.mark.django_db
def test_the_database_settles_documents_of_the_same_party_only():
    receipt = services.take_payment(invoice_of(("CHAI", "5", "20.00")), D("19.00"), TODAY)
    other = services.issue(shipped_order(("SOAP", "1", "10.00")), date=TODAY)

    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        Allocation.objects.create(invoice=other, receipt=receipt, amount=D("1.00"), date=TODAY)

    assert refused.value.__cause__.sqlstate == "HM077"


@pytest.mark.django_db
def test_the_database_invoices_no_more_than_was_shipped():
    order = shipped_order(("CHAI", "5", "20.00"))
    services.issue(order, date=TODAY)
    OrderLine.objects.update(quantity_invoiced=D(2))

    with pytest.raises(refusals.NotShipped), transaction.atomic():
        services.issue(order, date=TODAY)


@pytest.mark.django_db
def test_the_process_role_cannot_take_a_number_by_hand():
    invoice = invoice_of()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT public.invoice_next_number(%s, 'invoice', current_date)", [invoice.company_id])
