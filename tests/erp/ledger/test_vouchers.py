"""Vouchers: written, approved, posted."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction

from base.refusals import BadInput, ChangedMeanwhile, MoveRefused, NotAllowed
from erp.ledger import refusals, vouchers
from erp.ledger.models import JournalEntry, Voucher
from tests.erp.ledger.makers import TODAY, line
from tests.erp.makers import company, user

pytestmark = pytest.mark.django_db


def rent_voucher(amount: str = "900.00", by=None, **more) -> Voucher:
    company()
    told = {"journal": "general", "date": TODAY, "text": "Rent of November", **more}
    lines = told.pop("lines", [line("6100", amount), line("1010", credit=amount, text="by bank")])
    return vouchers.write(by or user("accountant", name="alice"), lines=lines, **told)


def test_a_posted_voucher_is_an_entry_that_points_back():
    voucher = rent_voucher()

    posted = vouchers.post(voucher, user("accountant", name="alice"))

    entry = JournalEntry.objects.get()
    assert (posted.status, posted.entry) == ("posted", entry)
    assert (entry.source_type, entry.source_id, entry.text) == ("voucher", voucher.pk, "Rent of November")
    assert list(entry.lines.values_list("account__code", "debit", "credit", "text")) == [
        ("6100", Decimal("900.00"), Decimal("0.00"), ""),
        ("1010", Decimal("0.00"), Decimal("900.00"), "by bank"),
    ]


def test_posting_again_gives_the_same_entry():
    voucher = rent_voucher()
    alice = user("accountant", name="alice")

    assert vouchers.post(voucher, alice).entry == vouchers.post(voucher, alice).entry
    assert JournalEntry.objects.count() == 1


def test_a_draft_may_be_out_of_balance_and_is_refused_when_posted():
    voucher = rent_voucher(lines=[line("6100", "900"), line("1010", credit="899")])

    with pytest.raises(refusals.NotBalanced) as refused, transaction.atomic():
        vouchers.post(voucher, user("accountant", name="alice"))

    assert refused.value.facts["difference"] == Decimal("1.00")
    assert Voucher.objects.get().status == "draft"


def test_a_large_voucher_needs_a_second_person():
    alice, bob = user("accountant", name="alice"), user("accountant", name="bob")
    voucher = rent_voucher("10000.00", alice)

    with pytest.raises(vouchers.NeedsApproval), transaction.atomic():
        vouchers.post(voucher, alice)
    with pytest.raises(vouchers.NeedsApproval), transaction.atomic():
        vouchers.post(voucher, bob)
    vouchers.submit(voucher, alice)
    with pytest.raises(vouchers.SecondPerson), transaction.atomic():
        vouchers.post(voucher, alice)
    posted = vouchers.post(voucher, bob)

    assert (posted.status, posted.created_by, posted.posted_by) == ("posted", alice, bob)


def test_the_second_person_may_send_it_back():
    alice, bob = user("accountant", name="alice"), user("accountant", name="bob")
    voucher = vouchers.submit(rent_voucher("10000.00", alice), alice)

    with pytest.raises(BadInput), transaction.atomic():
        vouchers.send_back(voucher, bob, " ")
    back = vouchers.send_back(voucher, bob, "Which hall?")

    assert (back.status, back.note) == ("draft", "Which hall?")


def test_a_submitted_voucher_is_not_changed():
    alice = user("accountant", name="alice")
    voucher = vouchers.submit(rent_voucher(by=alice), alice)

    with pytest.raises(MoveRefused):
        vouchers.change(voucher, alice, "general", TODAY, "Rent", [])


def test_a_change_on_an_old_view_is_refused():
    alice = user("accountant", name="alice")
    voucher = rent_voucher(by=alice)
    seen = vouchers.revision(voucher)
    vouchers.change(voucher, alice, "general", TODAY, "Rent", [line("6100", "1")], seen=seen)

    with pytest.raises(ChangedMeanwhile):
        vouchers.change(voucher, alice, "general", TODAY, "Rent", [], seen=seen)
    assert list(Voucher.objects.get().lines.values_list("debit", flat=True)) == [Decimal("1.00")]


def test_a_form_sent_twice_writes_one_voucher():
    company()
    first = rent_voucher()

    again = rent_voucher(identity=first.pk)

    assert again == first
    assert Voucher.objects.count() == 1


@pytest.mark.parametrize("state", ["posted", "discarded"])
@pytest.mark.parametrize("verb", ["submit", "send_back", "discard"])
def test_what_is_posted_or_discarded_moves_no_more(state, verb):
    alice = user("accountant", name="alice")
    voucher = rent_voucher(by=alice)
    (vouchers.post if state == "posted" else vouchers.discard)(voucher, alice)

    with pytest.raises(MoveRefused):
        getattr(vouchers, verb)(voucher, alice, *(["Why"] if verb == "send_back" else []))


@pytest.mark.parametrize("role", ["warehouse", "order_desk", "auditor"])
def test_only_accountants_write_vouchers(role):
    with pytest.raises(NotAllowed):
        rent_voucher(by=user(role))


@pytest.mark.parametrize(
    ("lines", "refusal", "at"),
    [
        ([line("6100", "1"), line("9999", credit="1")], refusals.AccountUnknown, 2),
        ([line("6100", "1", "1")], refusals.DebitOrCredit, 1),
        ([line("6100")], refusals.DebitOrCredit, 1),
        ([line("6100", "-1")], refusals.DebitOrCredit, 1),
        ([line("6100", "0.001")], refusals.TooFine, 1),
    ],
)
def test_a_wrong_line_is_named(lines, refusal, at):
    with pytest.raises(refusal) as refused:
        rent_voucher(lines=lines)

    assert refused.value.line == at


def test_a_voucher_does_not_post_to_a_control_account():
    voucher = rent_voucher(lines=[line("1200", "5", party="C00001"), line("4000", credit="5")])

    with pytest.raises(refusals.ControlAccount) as refused, transaction.atomic():
        vouchers.post(voucher, user("accountant", name="alice"))

    assert refused.value.facts == {"line": 1, "account": "1200"}


def test_changes_of_a_voucher_are_kept_in_its_history():
    alice = user("accountant", name="alice")
    voucher = rent_voucher(by=alice)
    vouchers.change(voucher, alice, "general", date(2026, 11, 24), "Rent and heating", [])

    assert list(voucher.history.order_by("history_id").values_list("text", flat=True)) == [
        "Rent of November",
        "Rent and heating",
    ]
