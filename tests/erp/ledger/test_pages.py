"""The pages of the books: what they show, whom they let in, and that nothing typed is lost."""

import doctest
import re
from datetime import date
from io import BytesIO
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from erp.ledger import forms
from erp.ledger.models import Account, JournalEntry, Period, Voucher
from erp.ledger.services import post
from tests.erp.ledger.makers import rent, sale
from tests.erp.makers import company, user

pytestmark = pytest.mark.django_db
PAGES = ["journal", "vouchers", "trial_balance", "chart", "periods"]


def client(*roles: str, name: str = "") -> Client:
    company()
    browser = Client()
    browser.force_login(user(*roles, name=name))
    return browser


def typed(*rows: tuple[str, str, str], **head: str) -> dict[str, object]:
    """A grid as the browser sends it: account, debit, credit."""
    return {
        "journal": "general",
        "date": "2026-11-23",
        "text": "Rent",
        "step": "post",
        "line_account": [row[0] for row in rows],
        "line_text": ["by the month" for row in rows],
        "line_debit": [row[1] for row in rows],
        "line_credit": [row[2] for row in rows],
        **head,
    }


RENT = (("6100", "900.00", ""), ("1010", "", "900.00"))


@pytest.mark.parametrize("page", PAGES)
def test_readers_see_the_books_and_others_do_not(page):
    for role, expected in (("accountant", 200), ("auditor", 200), ("admin", 200), ("warehouse", 403)):
        assert client(role).get(reverse(f"ledger:{page}")).status_code == expected, role
    assert Client().get(reverse(f"ledger:{page}")).status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_pages_take_the_same_queries_for_one_row_and_for_three(page):
    browser = client("accountant")
    browser.post(reverse("ledger:new_voucher"), typed(*RENT))
    browser.get(reverse(f"ledger:{page}"))
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(reverse(f"ledger:{page}")).status_code == 200
        counts.append(len(queries))
        for _ in range(2):
            browser.post(reverse("ledger:new_voucher"), typed(*RENT))

    assert counts[0] == counts[1]


def test_the_pages_of_an_account_and_an_entry_do_not_grow_in_queries_with_their_lines():
    browser = client("accountant")
    short, long = post(sale()), post(sale(key="sale:2", source=("invoice", uuid4())))
    counts = []
    for entry in (short, long):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(entry.get_absolute_url()).status_code == 200
        counts.append(len(queries))
    with CaptureQueriesContext(connection) as one:
        assert browser.get(reverse("ledger:account", args=["receivable"])).status_code == 200
    post(sale(key="sale:3"))
    with CaptureQueriesContext(connection) as two:
        browser.get(reverse("ledger:account", args=["1200"]))

    assert counts[1] <= counts[0] + 1  # the other entries of its document
    assert len(one) == len(two)


def test_the_journal_is_narrowed():
    browser = client("accountant")
    post(sale())
    post(rent())

    def numbers(query: str) -> list[str]:
        page = browser.get(f"{reverse('ledger:journal')}?{query}").context["page"]
        return [entry.number for entry in page.rows]

    assert numbers("") == ["GEN-2026-000001", "SAL-2026-000001"]
    assert numbers("journal=sales") == ["SAL-2026-000001"]
    assert numbers("account=1200") == ["SAL-2026-000001"]
    assert numbers("party=c00001") == ["SAL-2026-000001"]
    assert numbers("q=rent") == ["GEN-2026-000001"]
    assert numbers("start=2026-11-24") == []
    assert numbers("start=nonsense&journal=sales") == ["SAL-2026-000001"]


def test_an_account_shows_the_balance_after_each_line():
    browser = client("accountant")
    for day, amount in ((1, "10.00"), (2, "20.00"), (3, "30.00")):
        post(rent(amount, f"rent:{day}", date=date(2026, 11, day)))

    page = browser.get(reverse("ledger:account", args=["6100"])).context["page"]
    last = browser.get(reverse("ledger:account", args=["6100"]) + "?start=2026-11-03").context["page"]

    assert [str(line.balance_after) for line in page.rows] == ["60.00", "30.00", "10.00"]
    assert [str(line.balance_after) for line in last.rows] == ["60.00"]
    assert browser.get(reverse("ledger:account", args=["nothing"])).status_code == 404


def test_a_voucher_typed_into_the_grid_is_posted():
    browser = client("accountant")

    answer = browser.post(reverse("ledger:new_voucher"), typed(*RENT), follow=True)

    entry = JournalEntry.objects.get()
    assert (entry.number, entry.text) == ("GEN-2026-000001", "Rent")
    assert list(entry.lines.values_list("text", flat=True)) == ["by the month", "by the month"]
    assert "Posted as GEN-2026-000001." in answer.content.decode()


def test_a_form_sent_twice_is_one_voucher():
    browser = client("accountant")
    form = typed(*RENT, identity=str(uuid4()), step="save")

    for _ in range(2):
        browser.post(reverse("ledger:new_voucher"), form)

    assert Voucher.objects.count() == 1


@pytest.mark.parametrize(
    ("rows", "row", "cell", "words"),
    [
        ((("9999", "1", ""), ("1010", "", "1")), 0, "account", "There is no account “9999”."),
        ((("6100", "1", ""), ("1010", "", "abc")), 1, "credit", "“abc” is not a number."),
        ((("6100", "1", "1"), ("1010", "", "1")), 0, "debit", "Either a debit or a credit."),
        ((("6100", "-5", ""),), 0, "debit", "An amount is above zero; use the other column."),
        ((("6100", "1", ""), ("1200", "", "1")), 1, "account", "Account 1200 is kept by documents"),
    ],
)
def test_an_error_stands_in_its_cell_and_nothing_typed_is_lost(rows, row, cell, words):
    browser = client("accountant")

    answer = browser.post(reverse("ledger:new_voucher"), typed(*rows))

    assert answer.status_code == 422
    shown = answer.context["rows"]
    assert shown[row].errors[cell].startswith(words)
    assert [(one.values["account"], one.values["debit"], one.values["credit"]) for one in shown[: len(rows)]] == list(
        rows
    )
    assert (JournalEntry.objects.count(), Voucher.objects.count()) == (0, 0)


def test_an_unbalanced_voucher_is_kept_as_a_draft_but_not_posted():
    browser = client("accountant")
    rows = (("6100", "900.00", ""), ("1010", "", "899.00"))

    refused = browser.post(reverse("ledger:new_voucher"), typed(*rows))
    kept = browser.post(reverse("ledger:new_voucher"), typed(*rows, step="save"))

    assert "differ by 1.00" in refused.content.decode()
    assert kept.status_code == 302
    assert Voucher.objects.get().status == "draft"


def test_a_large_voucher_is_approved_by_a_second_person_on_its_page():
    alice, bob = client("accountant", name="alice"), client("accountant", name="bob")
    large = (("6100", "20,000.00", ""), ("1010", "", "20.000,00"))

    assert "need a second person" in alice.post(reverse("ledger:new_voucher"), typed(*large)).content.decode()
    alice.post(reverse("ledger:new_voucher"), typed(*large, step="submit"))
    voucher = Voucher.objects.get()
    move = reverse("ledger:move_voucher", args=[voucher.pk])

    assert "Approve and post" not in alice.get(voucher.get_absolute_url()).content.decode()
    assert "Approve and post" in bob.get(voucher.get_absolute_url()).content.decode()
    assert bob.post(move, {"step": "send_back", "note": ""}).status_code == 422
    bob.post(move, {"step": "send_back", "note": "Which hall?"})
    assert "Which hall?" in alice.get(voucher.get_absolute_url()).content.decode()
    alice.post(move, {"step": "submit"})
    bob.post(move, {"step": "post"})
    assert Voucher.objects.get().entry.number == "GEN-2026-000001"


def test_a_draft_changed_by_somebody_else_meanwhile_is_not_overwritten():
    browser = client("accountant")
    browser.post(reverse("ledger:new_voucher"), typed(*RENT, step="save"))
    page = Voucher.objects.get().get_absolute_url()
    seen = browser.get(page).context["seen"]
    browser.post(page, typed(*RENT, text="First", step="save", seen=seen))

    answer = browser.post(page, typed(*RENT, text="Second", step="save", seen=seen))

    assert answer.status_code == 422
    assert "Somebody changed this in the meantime" in answer.content.decode()
    assert Voucher.objects.get().text == "First"


def test_an_entry_is_reversed_on_its_page_and_a_documents_entry_is_not():
    browser = client("accountant")
    entry, invoiced = post(rent()), post(sale(source=("invoice", uuid4())))
    form = {"date": "2026-11-24", "reason": "Wrong amount"}

    browser.post(reverse("ledger:reverse", args=[entry.pk]), form)
    refused = browser.post(reverse("ledger:reverse", args=[invoiced.pk]), form)

    assert JournalEntry.objects.get(reverses=entry).text == "Wrong amount"
    assert refused.status_code == 422
    assert "undo it there" in refused.content.decode()
    assert "Reverse</a>" not in browser.get(invoiced.get_absolute_url()).content.decode()


def test_the_trial_balance_can_be_taken_to_a_spreadsheet():
    browser = client("auditor")
    post(rent())

    sheet = browser.get(reverse("ledger:trial_balance") + "?as_of=2026-12-31&format=csv")

    assert sheet["Content-Type"] == "text/csv; charset=utf-8"
    lines = b"".join(sheet.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[1] == "1010,Bank,0.00,0.00,900.00,-900.00"


def test_a_file_that_flows_is_in_its_readers_language_to_its_end():
    browser = client("auditor")
    get_user_model().objects.update(language="zh-hans")
    post(rent())

    sheet = browser.get(reverse("ledger:trial_balance") + "?as_of=2026-12-31&format=csv")
    with translation.override("en"):  # the request is over
        lines = b"".join(sheet.streaming_content).decode("utf-8-sig").splitlines()

    assert lines[1].startswith("1010,银行存款,")


def test_the_trial_balance_on_paper_has_the_sums_of_each_kind_of_account():
    browser = client("auditor")
    post(rent())

    paper = browser.get(reverse("ledger:trial_balance") + "?as_of=2026-12-31&format=pdf")
    text = PdfReader(BytesIO(b"".join(paper.streaming_content))).pages[0].extract_text()

    for line in (
        "Trial balance",
        "To 2026-12-31",
        r"1010\s*Bank\s+0\.00\s+0\.00\s+900\.00",
        r"Total\s+0\.00\s+900\.00",
    ):
        assert re.search(line, text), text


def test_an_account_that_looks_like_a_formula_is_none_in_a_spreadsheet():
    browser = client("auditor")
    Account.objects.filter(code="1010").update(name="=1+1")
    post(rent())

    sheet = browser.get(reverse("ledger:trial_balance") + "?as_of=2026-12-31&format=csv")

    assert "1010,'=1+1," in b"".join(sheet.streaming_content).decode("utf-8-sig")


def test_a_period_is_closed_on_its_page():
    browser = client("accountant", name="alice")
    period = Period.objects.get(starts_on="2026-11-01")
    page = reverse("ledger:set_period", args=[period.pk])

    browser.post(page, {"status": "closing"})
    refused = browser.post(
        page, {"status": "back", "reason": "Late"}, headers={"Referer": "http://testserver/ledger/periods/"}
    )

    period.refresh_from_db()
    assert (period.status, refused.status_code) == ("closing", 302)
    assert client("auditor").post(page, {"status": "closed"}).status_code == 403


def test_an_account_is_added_and_renamed():
    browser = client("accountant")
    heading = Account.objects.get(code="6")
    form = {
        "code": "6150",
        "name": "Heating",
        "name_zh": "取暖费",
        "type": "expense",
        "parent": str(heading.pk),
        "active": "on",
    }

    browser.post(reverse("ledger:new_account"), form)
    added = Account.objects.get(code="6150")
    twice = browser.post(reverse("ledger:new_account"), form)
    browser.post(reverse("ledger:edit_account", args=[added.pk]), {**form, "name": "Heating and water"})

    assert "already" in twice.content.decode()
    assert Account.objects.get(code="6150").name == "Heating and water"
    assert added.company == company()


def test_the_tax_page_shows_todays_rates():
    page = client("accountant").get(reverse("tax:rates"))

    ours = [one for one in page.context["rates"] if one.current and (one.jurisdiction, one.regime) == ("DE", "general")]
    assert [str(one.rate) for one in ours if one.tax_class.code in ("reduced", "standard", "zero")] == [
        "0.070000",
        "0.190000",
        "0.000000",
    ]
    assert client("warehouse").get(reverse("tax:rates")).status_code == 403


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(forms).failed == 0


def test_a_trial_balance_as_it_was_known_then():
    browser = client("auditor")
    post(rent())
    address = reverse("ledger:trial_balance")

    assert "6100" in browser.get(f"{address}?as_of=2026-12-31").content.decode()
    told = browser.get(f"{address}?as_of=2026-12-31&known=2020-01-01").content.decode()
    assert "6100" not in told
    assert "2020-01-01" in told
