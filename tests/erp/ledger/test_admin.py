"""The admin of the books: masters with history, posted things to look at only."""

import pytest
from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.urls import reverse

from erp.ledger import vouchers
from erp.ledger.admin import JournalAdmin
from erp.ledger.models import Account, Journal, Period
from erp.ledger.refusals import InUse
from tests.erp.ledger.makers import TODAY, line
from tests.erp.makers import company, user

pytestmark = pytest.mark.django_db
MODELS = ["company", "account", "journal", "journalentry", "fiscalyear", "period", "series", "voucher"]


@pytest.fixture
def browser() -> Client:
    company()
    signed_in = Client()
    signed_in.force_login(get_user_model().objects.create_superuser("root", password="a long secret"))
    return signed_in


@pytest.mark.parametrize(
    "model", [f"ledger_{name}" for name in MODELS] + ["tax_taxclass", "tax_taxrate", "tax_taxpointrule"]
)
def test_every_list_opens(browser, model):
    assert browser.get(reverse(f"admin:{model}_changelist")).status_code == 200


def test_posted_things_open_but_do_not_change(browser):
    alice = user("accountant", name="alice")
    rows = [line("6100", "9"), line("1010", credit="9")]
    voucher = vouchers.post(vouchers.write(alice, "general", TODAY, "Rent", rows), alice)
    page = reverse("admin:ledger_journalentry_change", args=[voucher.entry.pk])

    assert browser.get(page).status_code == 200
    assert browser.post(page, {"text": "Other"}).status_code == 403
    assert browser.get(reverse("admin:ledger_voucher_change", args=[voucher.pk])).status_code == 200
    assert browser.get(reverse("admin:ledger_voucher_history", args=[voucher.pk])).status_code == 200
    assert browser.get(reverse("admin:ledger_period_change", args=[Period.objects.first().pk])).status_code == 200


def test_a_change_of_an_account_stays_in_its_history(browser):
    rent = Account.objects.get(code="6100")
    form = {
        "company": rent.company_id, "code": "6100", "name": "Rent and heating", "name_zh": "", "initials": "",
        "type": "expense", "role": "", "parent": rent.parent_id, "active": "on",
    }  # fmt: skip

    answer = browser.post(reverse("admin:ledger_account_change", args=[rent.pk]), form)

    assert answer.status_code == 302
    assert rent.history.latest().name == "Rent and heating"
    assert rent.history.latest().history_user.username == "root"


def test_what_entries_rest_on_is_shown_only(browser):
    alice = user("accountant", name="alice")
    rows = [line("6100", "9"), line("1010", credit="9")]
    entry = vouchers.post(vouchers.write(alice, "general", TODAY, "Rent", rows), alice).entry
    journal = entry.journal
    page = reverse("admin:ledger_journal_change", args=[journal.pk])

    assert b'name="code"' not in browser.get(page).content
    answer = browser.post(page, {"code": "other", "prefix": "OTH", "name": "All the rest", "name_zh": ""})

    assert answer.status_code == 302
    journal.refresh_from_db()
    assert (journal.code, journal.prefix, journal.name) == ("general", "GEN", "All the rest")


def test_a_posting_while_the_form_is_open_is_a_refusal(browser, rf):
    request = rf.post("/")
    form = JournalAdmin(Journal, site)
    journal = Journal.objects.get(code="general")
    alice = user("accountant", name="alice")
    rows = [line("6100", "9"), line("1010", credit="9")]
    vouchers.post(vouchers.write(alice, "general", TODAY, "Rent", rows), alice)
    request.user, journal.code = alice, "other"

    with pytest.raises(InUse), transaction.atomic():
        form.save_model(request, journal, None, True)
