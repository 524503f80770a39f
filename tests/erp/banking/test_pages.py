"""The pages of the bank desk."""

from decimal import Decimal

import pytest
from django.test import Client

from base.ids import uuid7
from erp.banking import services
from erp.banking.models import Deposit, Receipt
from erp.orders import services as orders
from tests.erp.invoices.makers import invoice_of, reported
from tests.erp.makers import company, user
from tests.erp.orders.makers import TODAY, make_order, offer
from tests.helpers import page_queries

D = Decimal
pytestmark = pytest.mark.django_db


def browser(*roles):
    company()
    client = Client()
    client.force_login(user(*roles))
    return client


def heard_of(order=None, **more):
    company()
    return services.report_deposit(reported(order, **more))


def money(amount="119.00", **more):
    return {
        "amount": amount,
        "date": TODAY.isoformat(),
        "method": "bank",
        "reference": "SWIFT 9",
        "idempotency_key": str(uuid7()),
        **more,
    }


def test_the_task_list_shows_who_told_and_books_with_one_form_once():
    deposit = heard_of()
    page = browser("accountant")

    tasks = page.get("/banking/deposits/").content.decode()
    sheet = page.get(f"/banking/deposits/{deposit.pk}/book/").content.decode()
    form = money("100.00")
    answers = [page.post(f"/banking/deposits/{deposit.pk}/book/", form) for _again in range(2)]

    assert "nancy" in tasks
    assert 'value="119.00"' in sheet
    assert [answer.status_code for answer in answers] == [302, 302]
    assert (Receipt.objects.get().amount, Receipt.objects.get().reference) == (D("100.00"), "SWIFT 9")
    assert "No deposit waits" in page.get("/banking/deposits/").content.decode()
    shown = page.get(f"/banking/deposits/{deposit.pk}/").content.decode()
    assert (Receipt.objects.get().number in shown, "15.97" in shown) == (True, True)


@pytest.mark.parametrize("amount", ["abc", "0", "-1", "1.001", ""])
def test_what_cannot_be_booked_is_said_at_the_form_and_keeps_what_was_typed(amount):
    deposit = heard_of()

    answer = browser("accountant").post(f"/banking/deposits/{deposit.pk}/book/", money(amount))

    assert answer.status_code == 422
    assert "SWIFT 9" in answer.content.decode()
    assert Deposit.objects.get().status == "reported"


def test_a_day_to_come_is_refused_at_its_field():
    deposit = heard_of()

    answer = browser("accountant").post(f"/banking/deposits/{deposit.pk}/book/", money(date="2027-12-24"))

    assert (answer.status_code, "is still to come" in answer.content.decode()) == (422, True)


def test_dismissing_asks_for_a_reason():
    deposit = heard_of()
    page, path = browser("accountant"), f"/banking/deposits/{deposit.pk}/dismiss/"

    refused = page.post(path, {"reason": ""})
    done = page.post(path, {"reason": "Meant another supplier"})

    assert (refused.status_code, done.status_code) == (422, 302)
    assert "Meant another supplier" in page.get(f"/banking/deposits/{deposit.pk}/").content.decode()


def test_a_deposit_of_a_cancelled_order_is_paid_back():
    offer("CHAI", "20.00")
    order = make_order(("CHAI", "5", "20.00"))
    deposit = services.book_deposit(heard_of(order), D("90.00"), TODAY)
    page, path = browser("accountant"), f"/banking/deposits/{deposit.pk}/"
    form = {"date": TODAY.isoformat(), "reference": "back", "idempotency_key": str(uuid7())}

    too_early = page.post(f"{path}refund/", form)
    orders.cancel(order, "Changed their mind")
    offered = page.get(path).content.decode()
    answers = [page.post(f"{path}refund/", form) for _again in range(2)]

    assert (too_early.status_code, "is being delivered" in too_early.content.decode()) == (422, True)
    assert "Pay the deposit back" in offered
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Receipt.objects.filter(kind="refund").count() == 1


def test_an_unreported_deposit_is_booked_for_its_order():
    offer("CHAI", "20.00")
    order = make_order(("CHAI", "5", "20.00"))
    page = browser("accountant")

    unknown = page.post("/banking/deposits/new/", money(order="SO-9"))
    form = money(order=order.number.lower())
    answers = [page.post("/banking/deposits/new/", form) for _again in range(2)]

    assert "There is no such order" in unknown.content.decode()
    assert {answer["Location"] for answer in answers} == {f"/banking/deposits/{Deposit.objects.get().pk}/"}


def test_receipts_are_found_by_words_kind_and_time_with_their_sum():
    services.book_deposit(heard_of(), D("10.00"), TODAY, reference="ALPHA")
    services.book_deposit(heard_of(), D("20.00"), TODAY, reference="BETA")
    page = browser("auditor")

    def shown(query):
        text = page.get(f"/banking/receipts/?{query}").content.decode()
        return ["ALPHA" in text, "BETA" in text, "30.00" in text]

    assert shown("") == shown("kind=deposit&start=2026-11-01") == [True, True, True]
    assert shown("q=alpha") == [True, False, False]
    assert shown("kind=refund") == shown("end=2026-11-01") == [False, False, False]
    assert shown("start=nonsense") == [True, True, True]
    receipt = Receipt.objects.get(reference="ALPHA")
    assert "Customer deposits" in page.get(receipt.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [("accountant", 200, 422), ("admin", 200, 422), ("auditor", 200, 403), ("order_desk", 403, 403),
     ("warehouse", 403, 403)],
)  # fmt: skip
def test_who_may_look_and_who_may_book(role, reads, writes):
    deposit = heard_of()
    page = browser(role)

    for path in ("/banking/deposits/", f"/banking/deposits/{deposit.pk}/", "/banking/receipts/"):
        assert page.get(path).status_code == reads
    assert page.post(f"/banking/deposits/{deposit.pk}/book/", {}).status_code == writes


def test_a_post_without_its_csrf_token_is_refused():
    deposit = heard_of()
    page = Client(enforce_csrf_checks=True)
    page.force_login(user("accountant"))

    assert page.post(f"/banking/deposits/{deposit.pk}/book/", money()).status_code == 403
    assert Deposit.objects.get().status == "reported"


@pytest.mark.parametrize(
    ("path", "own"), [("/banking/deposits/", 3), ("/banking/deposits/?status=all", 3), ("/banking/receipts/", 2)]
)
def test_lists_take_as_many_queries_for_three_rows_as_for_one(path, own, django_assert_num_queries):
    page = browser("accountant")
    make = (lambda: heard_of()) if path == "/banking/deposits/" else (lambda: invoice_with_deposit())
    make()
    page.get(path)
    with django_assert_num_queries(page_queries(own)):
        assert page.get(path).content.decode().count('scope="row"><a') == 1

    for _more in range(2):
        make()
    with django_assert_num_queries(page_queries(own)):
        assert page.get(path).content.decode().count('scope="row"><a') == 3


def invoice_with_deposit():
    return services.book_deposit(heard_of(), D("10.00"), TODAY)


def test_the_order_page_is_told_of_deposits_and_receipts(rf):
    from erp.banking import panels

    invoice = invoice_of(("CHAI", "5", "20.00"))
    services.record_deposit(invoice.order, D("10.00"), TODAY)
    request = rf.get("/")
    request.user = user("accountant")

    assert "10.00" in panels.deposits_of_order(request, invoice.order)
    assert "RC-" in panels.receipts_of_order(request, invoice.order)
    assert "10.00" in panels.deposits_of_party(request, invoice.party)
    request.user = user("warehouse")
    assert panels.deposits_of_order(request, invoice.order) == panels.receipts_of_order(request, invoice.order) == ""
