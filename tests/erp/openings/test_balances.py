"""Balances of a day: one balanced entry, once; what documents keep waits for them."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from base.refusals import NotAllowed, NotFound
from erp.ledger.models import JournalEntry
from erp.ledger.refusals import UndoAtTheSource
from erp.ledger.reports import account_balance
from erp.ledger.services import reverse_by_hand
from erp.openings import services
from erp.openings.models import OpeningBalance
from tests.erp.invoices.makers import rivals
from tests.erp.ledger.test_invariants import as_app, refused
from tests.erp.makers import company, user
from tests.erp.openings.makers import BALANCES, DAY, anna, balances, broken, items, ties
from tests.erp.test_imports import PRODUCTS, SUPPLIERS
from tests.importing import imported, media, ran, reasons, tried, undone, uploaded, workbook

__all__ = ["media"]
D = Decimal
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def booked(opening):
    rows = opening.entry.lines.select_related("account").order_by("position")
    return [(one.account.code, one.amount, one.text) for one in rows]


def test_a_file_becomes_one_balanced_entry_and_documents_are_awaited():
    imp = balances()
    opening = OpeningBalance.objects.get()

    assert (imp.counts, opening.day, opening.difference) == ({"new": 1}, DAY, 0)
    assert (opening.entry.journal.code, opening.entry.number[:4], opening.entry.date) == ("opening", "OPN-", DAY)
    assert booked(opening) == [
        ("1010", D("25000.00"), "Current account"),
        ("3900", D("1190.00"), "1200 Accounts receivable"),
        ("1600", D("8000.00"), ""),
        ("3900", D("-595.00"), "2000 Accounts payable"),
        ("3000", D("-33595.00"), ""),
    ]
    assert ties(imp) == {"1200": "1190.00", "2000": "-595.00"}
    assert broken() == []


def test_with_its_items_nothing_waits_any_more():
    balances()
    imp = items()

    assert ties(imp) == {"1200": "0.00", "2000": "0.00"}
    assert (account_balance("opening_equity"), account_balance("receivable"), account_balance("payable")) == (
        D("0.00"), D("1190.00"), D("-595.00"),
    )  # fmt: skip
    assert broken() == []


def test_opening_stock_stands_against_the_same_account():
    by = user("accountant", "order_desk", "warehouse", name="anna")
    balances("account,balance\n1300,370.50\n3000,-370.50\n", by)
    imported("suppliers", SUPPLIERS, by)
    imported("products", PRODUCTS, by)
    imported("opening-stock", "sku,UnitsInStock,cost,date\nP1,39,9.5,2026-01-01\n", by)

    assert (account_balance("inventory"), account_balance("opening_equity"), account_balance("grni")) == (
        D("370.50"), D("0.00"), D("0.00"),
    )  # fmt: skip
    assert ties(balances("account,balance\n1300,370.50\n3000,-370.50\n", by)) == {"1300": "0.00"}


def test_the_same_file_again_changes_nothing_and_other_figures_are_refused():
    balances()

    assert balances().counts == {"unchanged": 1}
    other = balances(BALANCES.replace("25000", "25001").replace("33595", "33596"))
    assert other.counts == {"error": 1}
    assert "with other figures, as OPN-" in reasons(other)[0][1][0][1]
    assert JournalEntry.objects.filter(journal__code="opening").count() == 1


def test_a_difference_is_refused_naming_it_unless_a_person_says_where_it_goes():
    lacking = BALANCES.replace("25000.00", "24990.00")

    refusal = balances(lacking)

    assert refusal.counts == {"error": 1}
    assert "Debits 34180.00 and credits 34190.00 differ by -10.00." in reasons(refusal)[0][1][0][1]
    assert not JournalEntry.objects.exists()
    told = balances(lacking, constants={"difference": "yes"})
    opening = OpeningBalance.objects.get()
    assert (told.counts, opening.difference, booked(opening)[-1][:2]) == ({"new": 1}, D("-10.00"), ("3900", D("10.00")))
    assert "difference" not in uploaded("opening-balances", lacking, anna()).constants  # asked anew for every file
    assert broken() == []


def test_undo_reverses_the_entry_and_the_file_may_come_again():
    imp = balances()
    first = OpeningBalance.objects.get()

    undone(imp)

    first.refresh_from_db()
    assert first.reversal.reverses == first.entry
    assert account_balance("bank") == 0
    assert balances().counts == {"new": 1}
    assert (OpeningBalance.objects.count(), account_balance("bank"), broken()) == (2, D("25000.00"), [])


def test_a_chinese_trial_balance_with_the_side_in_a_column(tmp_path):
    file = workbook(
        tmp_path,
        ["科目编码", "方向", "期初余额", "日期"],
        [["1010", "借", 500, "2026-01-01"], ["3000", "贷", 500, "2026-01-01"], ["6200", "借", 0, "2026-01-01"]],
    )
    company()
    imp = imported("opening-balances", file, anna(), name="余额.xlsx")

    assert (imp.counts, booked(OpeningBalance.objects.get())) == (
        {"new": 1}, [("1010", D("500.00"), ""), ("3000", D("-500.00"), "")],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("1010,5,\n9999,,5\n", "“9999” is not known here."),
        ("1010,5,\n2200,,5\n", "2200 Output VAT is kept by documents here and counts in VAT returns"),
        ("1010,5,\n2100,,5\n", "2100 Customer deposits is kept by documents here, and none of them come from before"),
        ("10,5,\n3000,,5\n", "Account 10 takes no entries"),
        ("1010,5,3\n3000,,2\n", "Line 1 needs a debit or a credit, and not both."),
        ("1010,0,\n3000,,0\n", "There is no balance in it."),
    ],
)
def test_what_cannot_stand_there_is_refused_with_its_reason(rows, said):
    imp = balances(f"account,debit,credit\n{rows}")

    assert imp.counts == {"error": 1}
    assert any(said in text for _field, text in reasons(imp)[0][1]), reasons(imp)
    assert not OpeningBalance.objects.exists()


def test_tax_owed_from_before_is_read_as_another_account():
    imp = balances("account,debit,credit\n1010,190,\n2200,,190\n", replacements={"account": {"2200": "2300"}})

    assert (imp.counts, booked(OpeningBalance.objects.get())[-1][:2]) == ({"new": 1}, ("2300", D("-190.00")))
    assert account_balance("vat_output") == 0


def test_the_command_says_what_is_still_to_come(tmp_path):
    company(), anna()
    file, out = tmp_path / "balances.csv", StringIO()
    file.write_text(BALANCES)

    call_command("import", "opening-balances", str(file), "--as=anna", "--set=day=2026-01-01", stdout=out)

    assert "1200 Accounts receivable · 2026-01-01: balance 1190.00, came 0.00, difference 1190.00" in out.getvalue()
    assert "Imported: 1 new" in out.getvalue()


def test_auditors_bring_nothing():
    with pytest.raises(NotFound):
        uploaded("opening-balances", BALANCES, user("auditor"))
    with pytest.raises(NotAllowed):
        services.open_accounts(DAY, [], user("auditor"))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_import_the_same_balances_at_once_one_is_told():
    company()
    ready = [tried("opening-balances", BALANCES, anna(), constants={"day": "2026-01-01"}) for _n in range(2)]

    done = rivals(2, lambda n: ran(ready[n]))

    assert sorted(one.counts.popitem() for one in done) in ([("error", 1), ("new", 1)], [("new", 1), ("unchanged", 1)])
    assert (OpeningBalance.objects.count(), JournalEntry.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_the_same_day_at_once_one_is_told():
    company(), anna()
    told = [
        services.Balance(services.account("bank"), debit=D("5")),
        services.Balance(services.account("3000"), credit=D("5")),
    ]

    answers = rivals(2, lambda _n: services.open_accounts(DAY, told, anna()))

    assert sorted(type(one).__name__ for one in answers) == ["OpeningBalance", "OpeningKnown"]
    assert (OpeningBalance.objects.count(), JournalEntry.objects.count()) == (1, 1)


def test_raw_sql_changes_nothing_that_was_opened():
    balances()
    entry = JournalEntry.objects.get().pk

    with refused("42501"):
        as_app("UPDATE public.openings_openingbalance SET day = day + 1")
    with refused("42501"):
        as_app("DELETE FROM public.openings_openingline")
    with refused("42501"):
        as_app("TRUNCATE public.openings_openingbalance CASCADE")
    with refused("HM090"):
        as_app("UPDATE public.openings_openingbalance SET reversal_id = %s", entry)
    with refused("HM090"):
        as_app(
            "INSERT INTO public.openings_openingbalance (id, company_id, day, difference, entry_id, recorded_by,"
            " recorded_at)"
            " SELECT uuidv7(), company_id, day + 1, 0, entry_id, '', now() FROM public.openings_openingbalance"
        )


def test_the_entry_is_undone_at_the_opening_and_not_by_hand():
    balances()
    opening, browser = OpeningBalance.objects.get(), Client()
    browser.force_login(anna())

    with pytest.raises(UndoAtTheSource), transaction.atomic():
        reverse_by_hand(opening.entry, DAY, "Wrong")
    assert "Take back" in browser.get(opening.get_absolute_url()).content.decode()
    assert browser.post(f"{opening.get_absolute_url()}take-back/").status_code == 302
    assert browser.post(f"{opening.get_absolute_url()}take-back/").status_code == 302  # says that it was done

    opening.refresh_from_db()
    assert (opening.reversal.reverses, account_balance("bank"), JournalEntry.objects.count()) == (
        opening.entry, D("0.00"), 2,
    )  # fmt: skip
