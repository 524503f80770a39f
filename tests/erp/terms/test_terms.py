"""Payment terms: their days, their shares, and who has them."""

from datetime import date
from decimal import Decimal

import psycopg
import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from base.refusals import BadInput, ChangedMeanwhile, NotAllowed
from erp.parties import services as parties
from erp.parties.models import Party
from erp.terms import refusals
from erp.terms.models import PaymentTerms, TermsLine
from erp.terms.schedule import HUNDRED, Step, plan
from erp.terms.services import change_terms, remove_terms, seed_terms, write_terms
from integration.contracts.parties import PartyClassed
from tests.erp.makers import company, user
from tests.erp.orders.makers import customer
from tests.erp.terms.makers import terms, written
from tests.helpers import emitted
from tests.importing import imported, media, reasons, undone

__all__ = ["media"]
D = Decimal
HALVES = [Step(D(50), 0), Step(None, 30)]


@st.composite
def steps(draw):
    """Lines whose shares are the whole, or leave a rest."""
    cuts = sorted(draw(st.sets(st.integers(1, 999_999), max_size=6)))
    shares = [D(high - low) / 10_000 for low, high in zip([0, *cuts], [*cuts, 1_000_000], strict=True)]
    made = [
        Step(
            share,
            draw(st.integers(0, 300)),
            month_end=draw(st.booleans()),
            day_of_month=draw(st.none() | st.integers(1, 31)),
        )
        for share in shares
    ]
    return [*made[:-1], Step(None, made[-1].days)] if draw(st.booleans()) else made


@settings(deadline=None)
@given(steps(), st.dates(date(2020, 1, 1), date(2032, 12, 31)), st.integers(0, 10**13), st.sampled_from(["EUR", "JPY"]))
def test_a_plan_is_the_amount_to_the_cent_whatever_the_shares(lines, dated, units, currency):
    amount = D(units) if currency == "JPY" else D(units) / 100

    made = plan(lines, dated, amount, currency)

    assert sum(part.amount for part in made) == made[-1].until == amount
    assert [part.until for part in made] == [sum(one.amount for one in made[: at + 1]) for at in range(len(made))]
    assert all(part.amount > 0 for part in made) or len(made) == 1
    assert [part.due for part in made] == sorted({part.due for part in made})
    assert made[0].due >= dated
    assert max((part.due - dated).days for part in made) <= max(line.days_at_most for line in lines)


@pytest.mark.parametrize(
    ("step", "dated", "due"),
    [
        (Step(month_end=True), date(2027, 2, 10), date(2027, 2, 28)),
        (Step(month_end=True), date(2028, 2, 29), date(2028, 2, 29)),
        (Step(days=30, month_end=True), date(2027, 1, 15), date(2027, 3, 2)),
        (Step(days=30, day_of_month=31), date(2027, 1, 29), date(2027, 2, 28)),
        (Step(days=10, day_of_month=15), date(2026, 12, 6), date(2027, 1, 15)),
        (Step(days=0), date(2026, 12, 31), date(2026, 12, 31)),
    ],
)
def test_days_at_the_end_of_months(step, dated, due):
    assert step.due(dated) == due


@pytest.mark.django_db
class TestKeeping:
    def test_a_company_begins_with_the_common_ones(self):
        seed_terms(company())
        seed_terms(company())

        told = {one.code: one.told for one in PaymentTerms.objects.with_lines()}
        assert told == {
            "NET14": "in 14 days",
            "NET30": "in 30 days",
            "EOM30": "30 days after the end of the month",
            "HALF": "50 % at once; the rest in 30 days",
            "THIRDS": "33.3333 % in 30 days; 33.3333 % in 60 days; the rest in 90 days",
        }

    @pytest.mark.parametrize(
        ("lines", "why"),
        [
            ([], refusals.NoLines),
            ([Step(D(50))], refusals.SharesDiffer),
            ([Step(D(60)), Step(D(60), 10)], refusals.SharesDiffer),
            ([Step(D(100)), Step(None, 10)], refusals.SharesDiffer),
            ([Step(None), Step(D(50), 10)], refusals.RestIsLast),
            ([Step(D(100), 350, month_end=True)], refusals.TooLate),
        ],
    )
    def test_what_is_no_whole_is_refused(self, lines, why):
        company()
        with pytest.raises(why):
            write_terms("X", "X", lines, user("accountant"))

    def test_a_code_is_one_and_there_once(self):
        written("TEN")
        with pytest.raises(refusals.CodeTaken):
            written("ten")
        with pytest.raises(BadInput):
            written("a b")
        with pytest.raises(NotAllowed):
            write_terms("X", "X", HALVES, user("order_desk"))

    def test_other_days_count_from_the_next_document_on_and_the_crm_hears(self):
        half = terms("HALF")
        party = parties.class_party(parties.open_party(customer()), payment_terms=half)
        seen = half.version

        change_terms(half, user("accountant"), lines=[Step(D(20), 5), Step(None, 60)], version=seen)

        party.refresh_from_db()
        assert (party.payment_terms, party.payment_terms_days) == (half, 60)
        assert [fact.payment_terms_days for fact in emitted(PartyClassed)][-1] == 60
        with pytest.raises(ChangedMeanwhile):
            change_terms(half, user("accountant"), name="Other", version=seen)
        told = [(one.history_type, one.days) for one in TermsLine.history.filter(terms=half).order_by("history_id")]
        assert (sorted(told[-4:-2]), told[-2:]) == ([("-", 0), ("-", 30)], [("+", 5), ("+", 60)])

    def test_terms_that_somebody_has_stay(self):
        half = terms("HALF")
        party = parties.class_party(parties.open_supplier("Pens"), payment_terms=half)
        with pytest.raises(refusals.TermsUsed):
            remove_terms(half, user("accountant"))

        parties.class_party(party, payment_terms_days=10)
        remove_terms(half, user("accountant"))

        assert not PaymentTerms.objects.filter(code="HALF").exists()


@pytest.mark.django_db
class TestOfAParty:
    def test_terms_bring_their_days_and_other_days_take_them_away(self):
        month = terms("EOM30")
        party = parties.class_party(parties.open_party(customer()), payment_terms=month)
        assert party.payment_terms_days == 60

        same = parties.class_party(party, payment_terms_days=60, commercial_tier="A")
        other = parties.class_party(party, payment_terms_days=14)

        assert (same.payment_terms, other.payment_terms) == (month, None)
        assert Party.objects.get().payment_terms_days == 14

    def test_over_rest(self):
        half = terms("HALF")
        party = parties.class_party(parties.open_party(customer()), payment_terms=half)
        api = APIClient()
        api.force_authenticate(user("accountant"))
        url = f"/api/v1/parties/{party.pk}/"

        first = api.get(url).json()
        days = api.patch(url, {"payment_terms_days": 9}, format="json").json()
        named = api.patch(url, {"payment_terms": "NET14"}, format="json").json()
        wrong = api.patch(url, {"payment_terms": "NONE"}, format="json")

        told = [(one["payment_terms"], one["payment_terms_days"]) for one in (first, days, named)]
        assert told == [("HALF", 30), (None, 9), ("NET14", 14)]
        assert wrong.status_code == 422

    @pytest.mark.usefixtures("media")
    def test_from_a_file(self):
        terms("HALF")
        text = "Name,Payment terms (days),paymenttermscode\nPens,,HALF\nPaper,14,\n"
        imp = imported("suppliers", text, user("accountant"))
        again = imported("suppliers", text.replace("HALF", "NET14"), user("accountant"))

        told = list(Party.objects.order_by("code").values_list("payment_terms__code", "payment_terms_days"))
        assert (imp.counts, again.counts) == ({"new": 2}, {"update": 1, "unchanged": 1})
        assert told == [("NET14", 14), (None, 14)]
        undone(again)
        assert Party.objects.get(name="Pens").payment_terms == terms("HALF")
        wrong = imported("suppliers", text.replace("HALF", "WHAT"), user("accountant"))
        assert [[name for name, _why in why] for _row, why in reasons(wrong)] == [["terms_code"]]


@pytest.mark.django_db
class TestFaces:
    def test_terms_are_written_changed_and_removed_on_their_pages(self):
        company()
        page = Client()
        page.force_login(user("accountant"))
        grid = {"line-TOTAL_FORMS": 2, "line-INITIAL_FORMS": 0, "line-0-share": "40", "line-0-days": "0"}
        head = {"code": "forty", "name": "Forty now", "name_zh": "先付四成"}

        half = page.post("/payment-terms/new/", {**head, **grid})
        made = page.post("/payment-terms/new/", {**head, **grid, "line-1-days": "20", "line-1-month_end": "on"})

        found = PaymentTerms.objects.get()
        assert (half.status_code, made.status_code) == (422, 302)
        assert "The shares are 40 % together" in half.content.decode()
        assert found.told == "40 % at once; the rest 20 days after the end of the month"
        assert "FORTY" in page.get("/payment-terms/").content.decode()
        url = f"/payment-terms/{found.pk}/"
        assert "Forty now" in page.get(url).content.decode()
        page.post(url, {**head, **grid, "line-0-share": "100", "version": found.version})
        assert PaymentTerms.objects.get().told == "at once"
        page.post(f"{url}remove/")
        assert PaymentTerms.objects.count() == 0

    def test_over_rest(self):
        company()
        api = APIClient()
        api.force_authenticate(user("accountant"))
        told = {"code": "HALF", "name": "Half", "lines": [{"share": "50", "days": 0}, {"share": None, "days": 30}]}

        made = api.post("/api/v1/payment-terms/", told, format="json")
        wrong = api.post("/api/v1/payment-terms/", {**told, "code": "W", "lines": [{"share": "50"}]}, format="json")
        url = f"/api/v1/payment-terms/{made.json()['id']}/"
        other = api.patch(url, {"lines": [{"share": "100", "days": 7}]}, format="json")

        assert (made.status_code, wrong.status_code, other.status_code) == (201, 422, 200)
        assert (made.json()["days_at_most"], other.json()["days_at_most"]) == (30, 7)
        assert [one["code"] for one in api.get("/api/v1/payment-terms/").json()["results"]] == ["HALF"]
        assert api.delete(url).status_code == 204
        api.force_authenticate(user("warehouse"))
        assert api.post("/api/v1/payment-terms/", told, format="json").status_code == 403

    @pytest.mark.usefixtures("media")
    def test_from_a_file(self):
        company()
        text = (
            "Code,Name,Percent,Days,EOM\nhalf,Half,50,0,no\nhalf,Half,,30,no\neom,Month,100,30,yes\nbad,Bad,50,3,no\n"
        )
        first = imported("payment-terms", text, user("accountant"))
        again = imported("payment-terms", text, user("accountant"))

        assert (first.counts, again.counts) == ({"new": 2, "error": 1}, {"unchanged": 2, "error": 1})
        assert PaymentTerms.objects.get(code="HALF").steps == HALVES
        assert PaymentTerms.objects.get(code="EOM").steps == [Step(HUNDRED, 30, month_end=True)]
        undone(first)
        assert PaymentTerms.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_database_keeps_shares_a_whole(as_owner):
    terms("HALF")
    of_half = "(SELECT id FROM terms_paymentterms WHERE code = 'HALF')"
    for statement in (
        "UPDATE terms_termsline SET share = share - 1 WHERE share = 100",
        f"DELETE FROM terms_termsline WHERE terms_id = {of_half}",
        f"DELETE FROM terms_termsline WHERE terms_id = {of_half} AND share IS NULL",
        f"UPDATE terms_termsline SET share = NULL WHERE terms_id = {of_half}",
        "UPDATE terms_termsline SET share = 0",
        "UPDATE terms_termsline SET days = 366",
        "UPDATE terms_termsline SET day_of_month = 32",
        "INSERT INTO terms_paymentterms (id, created_at, updated_at, code, name, name_zh, company_id)"
        " SELECT uuidv7(), now(), now(), 'NEW', 'New', '', id FROM ledger_company",
        "TRUNCATE terms_termsline CASCADE",
    ):
        with pytest.raises(psycopg.Error) as refused:
            as_owner.execute(statement)
        assert refused.value.sqlstate in {"HM140", "HM010", "23514"}, statement
