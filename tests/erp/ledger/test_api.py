"""The books over REST."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.ledger.models import JournalEntry, Period, Voucher
from erp.ledger.services import post
from tests.erp.ledger.makers import rent, sale
from tests.erp.makers import company, user

pytestmark = pytest.mark.django_db
API = "/api/v1/ledger"
RENT = {
    "date": "2026-11-23",
    "text": "Rent",
    "lines": [{"account": "6100", "debit": "900.00"}, {"account": "1010", "credit": "900.00"}],
}


def client(*roles: str, name: str = "") -> Client:
    company()
    browser = Client()
    browser.force_login(user(*roles, name=name))
    return browser


def send(browser: Client, path: str, body: object = None, key: str = ""):
    headers = {"Idempotency-Key": key} if key else {}
    return browser.post(f"{API}/{path}", body or {}, content_type="application/json", headers=headers)


def test_a_voucher_is_written_and_posted():
    browser = client("accountant")

    draft = send(browser, "vouchers/", RENT)
    posted = send(browser, f"vouchers/{draft.json()['id']}/post/")

    assert (draft.status_code, draft.json()["status"], draft.json()["difference"]) == (201, "draft", "0.00")
    assert (posted.status_code, posted.json()["status"]) == (200, "posted")
    assert posted.json()["entry_number"] == "GEN-2026-000001"
    entry = browser.get(f"{API}/entries/{posted.json()['entry']}/").json()
    assert [(line["account"], line["debit"], line["credit"]) for line in entry["lines"]] == [
        ("6100", "900.00", "0.00"),
        ("1010", "0.00", "900.00"),
    ]


def test_the_same_idempotency_key_writes_one_voucher():
    browser = client("accountant")

    answers = [send(browser, "vouchers/", RENT, key="rent-november") for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert Voucher.objects.count() == 1
    assert send(browser, "vouchers/", {**RENT, "text": "Other"}, key="rent-november").status_code == 409


def test_a_refusal_names_the_cell_and_changes_nothing():
    browser = client("accountant")
    lines = [{"account": "6100", "debit": "900.00"}, {"account": "9999", "credit": "900.00"}]

    answer = send(browser, "vouchers/", {**RENT, "lines": lines})

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "account-unknown"
    assert answer.json()["errors"] == [{"field": "lines.1.account", "message": "There is no account “9999”."}]
    assert Voucher.objects.count() == 0


@pytest.mark.parametrize("amount", ["12.345", "abc", "NaN", "-5", "1e30"])
def test_what_is_no_amount_is_refused(amount):
    answer = send(client("accountant"), "vouchers/", {**RENT, "lines": [{"account": "6100", "debit": amount}]})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("lines")


def test_an_unbalanced_voucher_is_not_posted():
    browser = client("accountant")
    draft = send(browser, "vouchers/", {**RENT, "lines": [RENT["lines"][0], {"account": "1010", "credit": "899"}]})

    for key in ("", "post-it"):
        answer = send(browser, f"vouchers/{draft.json()['id']}/post/", key=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "not-balanced")
        assert answer.json()["facts"]["difference"] == "1.00"
    assert JournalEntry.objects.count() == 0


def test_a_voucher_on_a_control_account_is_refused_by_the_database_and_stays_a_draft():
    browser = client("accountant")
    lines = [{"account": "1200", "debit": "5"}, {"account": "4000", "credit": "5"}]
    draft = send(browser, "vouchers/", {**RENT, "lines": lines})

    answer = send(browser, f"vouchers/{draft.json()['id']}/post/", key="once")

    assert (answer.status_code, answer.json()["code"]) == (422, "control-account")
    assert browser.get(f"{API}/vouchers/{draft.json()['id']}/").json()["status"] == "draft"


def test_a_large_voucher_goes_through_two_people():
    alice, bob = client("accountant", name="alice"), client("accountant", name="bob")
    large = {**RENT, "lines": [{"account": "6100", "debit": "20000"}, {"account": "1010", "credit": "20000"}]}
    path = f"vouchers/{send(alice, 'vouchers/', large).json()['id']}"

    assert send(alice, f"{path}/post/").json()["code"] == "needs-approval"
    assert send(alice, f"{path}/submit/").json()["status"] == "submitted"
    assert send(alice, f"{path}/post/").status_code == 403
    assert send(bob, f"{path}/send-back/", {"note": "Which hall?"}).json()["note"] == "Which hall?"
    assert send(alice, f"{path}/submit/").json()["status"] == "submitted"
    assert send(bob, f"{path}/post/").json()["posted_by"] == "bob"


def test_a_draft_is_changed_by_who_has_seen_it_last():
    browser = client("accountant")
    draft = send(browser, "vouchers/", RENT).json()
    path = f"{API}/vouchers/{draft['id']}/"

    first = browser.put(path + f"?revision={draft['revision']}", {**RENT, "text": "One"}, "application/json")
    second = browser.put(path + f"?revision={draft['revision']}", {**RENT, "text": "Two"}, "application/json")

    assert (first.status_code, second.status_code) == (200, 409)
    assert browser.get(path).json()["text"] == "One"


def test_entries_are_found_by_what_caused_them_and_what_they_touch():
    browser = client("auditor")
    invoice = uuid4()
    entry = post(sale(source=("invoice", invoice)))
    post(rent())

    for query in (
        f"source_type=invoice&source_id={invoice}",
        "party=C00001",
        "account=receivable",
        "account=1200",
        "journal=sales",
        f"number={entry.number}",
    ):
        found = browser.get(f"{API}/entries/?{query}").json()["results"]
        assert [one["id"] for one in found] == [str(entry.pk)], query
    assert len(browser.get(f"{API}/entries/?date=2026-11-23").json()["results"]) == 2
    assert browser.get(f"{API}/entries/?date_from=2026-11-24").json()["results"] == []


def test_an_entry_is_reversed_once():
    browser = client("accountant")
    entry = post(rent())

    undone = send(browser, f"entries/{entry.pk}/reverse/", {"date": "2026-11-24", "reason": "Wrong amount"})
    again = send(browser, f"entries/{entry.pk}/reverse/", {"date": "2026-11-25", "reason": "Wrong account"})

    assert (undone.status_code, undone.json()["reverses"]) == (201, str(entry.pk))
    assert (again.status_code, again.json()["code"]) == (409, "already-reversed")
    assert browser.get(f"{API}/entries/{entry.pk}/").json()["reversed_by"] == undone.json()["id"]


def test_what_a_document_posted_is_not_reversed_by_hand():
    browser = client("accountant")
    entry = post(sale(source=("invoice", uuid4())))

    answer = send(browser, f"entries/{entry.pk}/reverse/", {"date": "2026-11-24", "reason": "Wrong"})

    assert (answer.status_code, answer.json()["code"]) == (409, "undo-at-the-source")


def test_the_trial_balance_speaks_in_strings():
    browser = client("auditor")
    post(sale())
    post(rent())

    answer = browser.get(f"{API}/trial-balance/?as_of=2026-12-31").json()

    assert (answer["debit"], answer["credit"], answer["difference"]) == ("1019.00", "1019.00", "0.00")
    assert answer["rows"][0] == {
        "account": "1010",
        "name": "Bank",
        "role": "bank",
        "opening": "0.00",
        "debit": "0.00",
        "credit": "900.00",
        "closing": "-900.00",
    }
    assert browser.get(f"{API}/trial-balance/?as_of=tomorrow").status_code == 422


def test_a_period_is_closed_and_opened_again_by_two_people():
    alice, bob = client("accountant", name="alice"), client("accountant", name="bob")
    period = Period.objects.get(starts_on="2026-11-01")
    path = f"periods/{period.pk}"

    assert send(alice, f"{path}/close/", {"status": "closing"}).json()["status"] == "closing"
    assert send(alice, f"{path}/reopen/", {"reason": "Late invoice"}).json()["code"] == "second-person-needed"
    assert send(bob, f"{path}/reopen/", {"reason": "Late invoice"}).json()["status"] == "open"
    assert send(bob, f"{path}/close/").json()["status"] == "closed"
    assert send(alice, f"{path}/reopen/", {"reason": "Late invoice"}).json()["status"] == "closing"
    assert send(alice, f"{path}/close/").json()["status"] == "closed"
    assert send(alice, f"{path}/close/", {"status": "hard"}).json()["status"] == "hard"
    assert send(bob, f"{path}/reopen/", {"reason": "Late invoice"}).json()["code"] == "period-stays"


@pytest.mark.parametrize("path", ["accounts", "entries", "vouchers", "periods", "trial-balance"])
def test_roles_decide_who_reads_and_writes(path):
    for role, expected in (("accountant", 200), ("auditor", 200), ("warehouse", 403), ("order_desk", 403)):
        assert client(role).get(f"{API}/{path}/").status_code == expected, role
    assert Client().get(f"{API}/{path}/").status_code == 401


def test_an_auditor_writes_nothing():
    browser = client("auditor")
    entry = post(rent())
    period = Period.objects.first()

    for path in ("vouchers/", f"entries/{entry.pk}/reverse/", f"periods/{period.pk}/close/"):
        assert send(browser, path, RENT).status_code == 403


@pytest.mark.parametrize("path", ["accounts", "entries", "vouchers", "periods"])
def test_lists_take_the_same_queries_for_one_row_and_for_three(path):
    browser = client("accountant")
    send(browser, f"vouchers/{send(browser, 'vouchers/', RENT).json()['id']}/post/")

    counts = []
    for more in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(f"{API}/{path}/?page_size=500").status_code == 200
        counts.append(len(queries))
        for number in range(2):
            voucher = send(browser, "vouchers/", {**RENT, "text": f"Rent {more} {number}"}).json()
            send(browser, f"vouchers/{voucher['id']}/post/")

    assert counts[0] == counts[1]
