"""A supplier's bill in instalments: made as it is posted, paid in the order of its days."""

from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from rest_framework.test import APIClient

from erp.bills import services
from erp.bills.models import Bill, BillInstalment
from erp.parties.services import class_party
from tests.erp.bills.makers import DAY, bill_of, line, posted, supplier
from tests.erp.makers import user
from tests.erp.proof.test_proof import missed_of
from tests.erp.terms.makers import terms

D = Decimal
pytestmark = pytest.mark.django_db


def halves(**more):
    class_party(supplier(), payment_terms=terms("HALF"))
    return posted(**more)


def told(bill):
    fresh = Bill.objects.get(pk=bill.pk)
    return [(one.due, one.amount, one.open_amount) for one in fresh.instalments.all()]


def test_the_suppliers_terms_say_when_which_part_is_paid():
    bill = halves()
    later = DAY + timedelta(days=30)

    assert told(bill) == [(DAY, D("59.50"), D("59.50")), (later, D("59.50"), D("59.50"))]
    services.pay(bill, D("60.00"), DAY, user("accountant"))
    assert told(bill) == [(DAY, D("59.50"), D("0.00")), (later, D("59.50"), D("59.00"))]
    assert (Bill.objects.get().due, Bill.objects.get().next_due) == (DAY, later)
    assert list(Bill.objects.unpaid().with_plan_due().values_list("plan_due", flat=True)) == [later]
    assert list(Bill.objects.overdue()) == []


def test_a_day_that_somebody_said_is_the_only_one():
    class_party(supplier(), payment_terms=terms("HALF"))
    bill = services.post(bill_of(due=DAY + timedelta(days=7)), user("accountant"))

    assert (bill.due, bill.by_terms, told(bill)) == (DAY + timedelta(days=7), False, [])


def test_a_draft_has_the_first_day_and_no_plan_yet():
    class_party(supplier(), payment_terms=terms("THIRDS"))
    bill = bill_of()

    assert (bill.due, bill.by_terms, told(bill)) == (DAY + timedelta(days=30), True, [])
    services.change(bill, bill.party, "R-1", DAY, [line("300.00")], user("accountant"))
    services.post(Bill.objects.get(), user("accountant"))
    assert [amount for _due, amount, _open in told(bill)] == [D("119.00"), D("119.00"), D("119.00")]


def test_over_rest():
    bill, api = halves(), APIClient()
    api.force_authenticate(user("accountant"))

    answer = api.get(f"/api/v1/bills/{bill.pk}/").json()

    assert [one["amount"] for one in answer["instalments"]] == ["59.50", "59.50"]
    assert (answer["due"], answer["next_due"], answer["by_terms"]) == (str(DAY), str(DAY), True)


def test_no_instalment_is_added_to_what_is_posted_nor_to_a_draft_that_stays_one():
    bill, draft = halves(), bill_of(number="R-2")
    for of in (bill, draft):
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            _written(of)
        assert refused.value.__cause__.sqlstate in {"HM088", "HM141"}


def _written(bill):
    BillInstalment.objects.create(bill=bill, position=3, due=DAY, amount=D(1), until=D(120))
    connection.check_constraints()


@pytest.mark.django_db(transaction=True)
def test_nobody_changes_a_plan_and_the_proof_finds_one_that_was(as_owner):
    halves()
    for statement in (
        "UPDATE bills_billinstalment SET due = due + 1",
        "DELETE FROM bills_billinstalment",
        "TRUNCATE bills_billinstalment",
    ):
        with pytest.raises(psycopg.Error) as refused:
            as_owner.execute(statement)
        assert refused.value.sqlstate == "HM010", statement
    assert missed_of({"I10 bill instalments": ["UPDATE bills_billinstalment SET amount = amount + 1"]}) == []
