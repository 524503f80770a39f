"""Cost centres and projects for people and programs: kept, typed on vouchers, and what reports say of them."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from rest_framework.test import APIClient

from base.refusals import BadInput, NotAllowed
from erp.ledger import dimensioning, refusals, sealing
from erp.ledger.models import Account, Dimension, JournalEntry, Voucher
from erp.ledger.reports import sums
from erp.ledger.services import post
from erp.statements import services as statements
from tests.erp.ledger.bearers import asks, bearing, named, on_lines
from tests.erp.ledger.makers import TODAY, rent
from tests.erp.makers import company, user

D = Decimal


@pytest.mark.django_db
class TestKeeping:
    def test_they_are_opened_changed_and_removed(self):
        above, below = named("S10"), named("S11", parent="S10")
        changed = dimensioning.change_dimension(below, user("accountant"), name="Shops", parent="")

        assert (changed.name, changed.parent) == ("Shops", None)
        assert below.history.count() == 2
        with pytest.raises(refusals.DimensionCodeTaken):
            dimensioning.change_dimension(above, user("accountant"), code="S11")
        with pytest.raises(refusals.BelongsElsewhere):
            dimensioning.change_dimension(above, user("accountant"), parent="NONE")
        for code in ("", "two words", "-", "a,b"):
            with pytest.raises(BadInput):
                named(code)
        dimensioning.remove_dimension(below, user("accountant"))
        with pytest.raises(NotAllowed):
            dimensioning.remove_dimension(above, user("auditor"))

    def test_what_vouchers_or_others_name_stays(self):
        above = named("S10")
        named("S11", parent="S10")
        with pytest.raises(refusals.DimensionInUse), transaction.atomic():
            dimensioning.remove_dimension(above, user("accountant"))

    def test_pages(self):
        company()
        page = Client()
        page.force_login(user("accountant"))
        answer = page.post(
            "/ledger/dimensions/new/", {"kind": "cost_centre", "code": "S10", "name": "Sales", "active": "on"}
        )
        again = page.post(
            "/ledger/dimensions/new/", {"kind": "cost_centre", "code": "S10", "name": "Shop", "active": "on"}
        )
        found = Dimension.objects.get()
        saved = page.post(found.get_absolute_url(), {"code": "S10", "name": "Shops", "active": "on"})

        assert (answer.status_code, again.status_code, saved.status_code) == (302, 422, 302)
        assert "is there already" in again.content.decode()
        assert "Shops" in page.get("/ledger/dimensions/").content.decode()
        assert page.get(found.get_absolute_url()).status_code == 200
        reader = Client()
        reader.force_login(user("auditor"))
        assert reader.get(found.get_absolute_url()).status_code == 200
        reader.post(found.get_absolute_url(), {"code": "S10", "name": "Else"})
        assert Dimension.objects.get().name == "Shops"
        page.post(f"/ledger/dimensions/{found.pk}/remove/")
        assert not Dimension.objects.exists()

    def test_over_rest(self):
        company()
        api = APIClient()
        api.force_authenticate(user("accountant"))
        told = {"kind": "project", "code": "P7", "name": "New hall"}
        made = api.post("/api/v1/ledger/dimensions/", told, "json")
        below = api.post("/api/v1/ledger/dimensions/", {**told, "code": "P71", "parent": "P7"}, "json")
        twice = api.post("/api/v1/ledger/dimensions/", told, "json")
        changed = api.patch(
            f"/api/v1/ledger/dimensions/{below.json()['id']}/", {"parent": None, "active": False}, "json"
        )

        assert (made.status_code, below.json()["parent"], twice.status_code) == (201, "P7", 409)
        assert (changed.json()["parent"], changed.json()["active"]) == (None, False)
        assert api.get("/api/v1/ledger/dimensions/?kind=project&active=true").json()["results"][0]["code"] == "P7"
        assert api.delete(f"/api/v1/ledger/dimensions/{made.json()['id']}/").status_code == 204


@pytest.mark.django_db
class TestVouchers:
    def test_the_grid_has_their_columns_only_when_there_are_any(self):
        company()
        page = Client()
        page.force_login(user("accountant"))
        assert "line_cost_centre" not in page.get("/ledger/vouchers/new/").content.decode()

        named("S10", initials="sal")
        shown = page.get("/ledger/vouchers/new/").content.decode()

        assert "line_cost_centre" in shown
        assert "line_project" not in shown

    def test_a_voucher_typed_in_the_grid_is_posted_with_them(self):
        named("S10", initials="sal")
        named("P7", "project")
        page = Client()
        page.force_login(user("accountant"))
        told = {
            "journal": "general", "date": "2026-11-23", "text": "Rent", "step": "post", "identity": str(uuid4()),
            "line_account": ["6100", "1010"], "line_text": ["", ""], "line_debit": ["900", ""],
            "line_credit": ["", "900"], "line_cost_centre": ["SAL", ""], "line_project": ["P7", ""],
        }  # fmt: skip

        wrong = page.post("/ledger/vouchers/new/", {**told, "line_cost_centre": ["S99", ""]})
        page.post("/ledger/vouchers/new/", told)

        assert "There is no cost centre “S99” in use." in wrong.content.decode()
        assert on_lines(JournalEntry.objects.get()) == [("S10", "P7"), (None, None)]

    def test_what_an_account_asks_for_stands_at_the_cell(self):
        named("S10")
        asks()
        page = Client()
        page.force_login(user("accountant"))
        told = {
            "journal": "general", "date": "2026-11-23", "text": "Rent", "step": "post", "identity": str(uuid4()),
            "line_account": ["6100", "1010"], "line_debit": ["900", ""], "line_credit": ["", "900"],
            "line_cost_centre": ["", ""],
        }  # fmt: skip

        answer = page.post("/ledger/vouchers/new/", told)

        assert answer.status_code == 422
        assert "Account 6100 needs a cost centre." in answer.content.decode()

    def test_over_rest(self):
        named("S10")
        api = APIClient()
        api.force_authenticate(user("accountant"))
        lines = [{"account": "6100", "debit": "5.00", "cost_centre": "S10"}, {"account": "1010", "credit": "5.00"}]
        told = {"date": "2026-11-23", "text": "Rent", "lines": lines}

        made = api.post("/api/v1/ledger/vouchers/", told, "json")
        posted = api.post(f"/api/v1/ledger/vouchers/{made.json()['id']}/post/")
        lines[0]["cost_centre"] = "X"
        wrong = api.post("/api/v1/ledger/vouchers/", told, "json")

        assert [one["cost_centre"] for one in made.json()["lines"]] == ["S10", None]
        assert posted.status_code == 200
        assert on_lines(Voucher.objects.get().entry) == [("S10", None), (None, None)]
        assert wrong.json()["errors"][0]["field"] == "lines.0.cost_centre"
        entry = api.get(f"/api/v1/ledger/entries/{Voucher.objects.get().entry_id}/").json()
        assert [one["cost_centre"] for one in entry["lines"]] == ["S10", None]


@pytest.mark.django_db
class TestReports:
    def books(self) -> None:
        statements.seed(company())
        named("S10")
        named("S11", parent="S10")
        named("M20")
        named("P7", "project")
        post(bearing("100.00", "a", cost_centre="S10"))
        post(bearing("20.00", "b", cost_centre="S11", project="P7"))
        post(bearing("3.00", "c", cost_centre="M20"))
        post(rent("0.40", "d"))

    @pytest.mark.parametrize("folded", [False, True])
    @pytest.mark.parametrize(
        ("only", "amount"),
        [
            ({}, "123.40"), ({"cost_centre": "S10"}, "120.00"), ({"cost_centre": "S11"}, "20.00"),
            ({"cost_centre": "-"}, "0.40"), ({"project": "P7"}, "20.00"), ({"project": "-"}, "103.40"),
            ({"cost_centre": "S10", "project": "-"}, "100.00"), ({"cost_centre": "-", "project": "-"}, "0.40"),
            ({"cost_centre": "NONE"}, "0"),
        ],
    )  # fmt: skip
    def test_sums_are_those_of_the_lines_and_of_the_ones_below(self, only, amount, folded):
        self.books()
        if folded:
            sealing.fold()
        account = Account.objects.get(code="6100").pk

        for start in (None, date(2026, 11, 1)):
            found = sums(company(), TODAY, start=start, only=only).get(account)
            assert (found.debit if found else 0) == D(amount)
        assert not any(row.debit for row in sums(company(), date(2026, 10, 31), only=only).values())

    def test_known_at_a_moment(self):
        self.books()
        moment = JournalEntry.objects.get(key="b").posted_at
        account = Account.objects.get(code="6100").pk

        assert sums(company(), TODAY, moment, only={"cost_centre": "S10"})[account].debit == D("120.00")
        assert account not in sums(company(), TODAY, moment, only={"cost_centre": "M20"})
        assert sums(company(), TODAY, moment, only={"cost_centre": "-"})[account].debit == 0

    def test_pages_and_their_drill_keep_it(self):
        self.books()
        page = Client()
        page.force_login(user("accountant"))
        trial = page.get("/ledger/trial-balance/?as_of=2026-11-30&cost_centre=S10").content.decode()
        profit = page.get("/statements/profit-and-loss/?end=2026-11-30&cost_centre=S10").content.decode()
        lines = page.get("/ledger/lines/?cost_centre=S10&columns=text,cost_centre,debit").content.decode()
        account = page.get("/ledger/accounts/6100/?cost_centre=M20").content.decode()

        assert "end=2026-11-30&amp;cost_centre=S10" in trial
        assert "120.00" in trial
        assert "123.40" not in trial
        assert "Debits and credits differ" not in trial
        assert "120.00" in profit or "(120.00)" in profit
        assert "S11 Name of S11" in lines
        assert "M20 Name of M20" not in lines
        assert account.count("3.00") >= 1
        assert "cost_centre" not in page.get("/statements/balance-sheet/").content.decode()

    def test_profit_and_loss_beside_each_other_comes_to_the_whole(self):
        self.books()
        page = Client()
        page.force_login(user("accountant"))
        shown = page.get("/statements/profit-and-loss/?end=2026-11-30&compare=cost_centre").content.decode()
        layout = statements.layout(company(), "profit-and-loss")
        columns = statements.columns(layout, TODAY, compare="cost_centre")
        drawn = statements.draw_up(layout, columns)
        below = statements.columns(layout, TODAY, compare="cost_centre", only={"cost_centre": "S10"})

        assert [one.name for one in columns] == ["", "M20 Name of M20", "S10 Name of S10", "None named"]
        assert [one.name for one in below] == ["", "S11 Name of S11"]
        assert all(figure.amounts[0] == sum(figure.amounts[1:]) for figure in drawn.figures)
        assert any(figure.amounts == [D("123.40"), D("3.00"), D("120.00"), D("0.40")] for figure in drawn.figures)
        assert "S10 Name of S10" in shown
        with pytest.raises(statements.WholeCompanyOnly):
            statements.columns(statements.layout(company(), "balance-sheet"), TODAY, compare="cost_centre")

    def test_over_rest(self):
        self.books()
        api = APIClient()
        api.force_authenticate(user("accountant"))
        trial = api.get("/api/v1/ledger/trial-balance/?as_of=2026-11-30&cost_centre=S10").json()
        lines = api.get("/api/v1/ledger/lines/?project=P7").json()["results"]
        profit = api.get("/api/v1/ledger/statements/profit-and-loss/figures/?end=2026-11-30&project=P7")
        sheet = api.get("/api/v1/ledger/statements/balance-sheet/figures/?end=2026-11-30&project=P7")
        unknown = api.get("/api/v1/ledger/trial-balance/?cost_centre=NONE")

        assert {row["account"]: row["debit"] for row in trial["rows"]} == {"6100": "120.00"}
        assert trial["only"] == {"cost_centre": "S10"}
        assert [(one["account"], one["cost_centre"], one["project"]) for one in lines] == [("6100", "S11", "P7")]
        assert (profit.status_code, sheet.status_code) == (200, 422)
        assert unknown.status_code in (400, 422)
