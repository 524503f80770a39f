"""The register's pages and its API, for who may and who may not."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from erp.desk.reports import desk
from erp.fapiao import services
from erp.fapiao.lists import FAPIAOS
from erp.fapiao.models import Fapiao
from tests.erp.fapiao.makers import BUYER, accountant, china, credited, digital, invoiced, issued, requested
from tests.erp.invoices.makers import invoice_of
from tests.erp.makers import user
from tests.erp.orders.makers import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def books():
    return china()


def signed_in(*roles):
    client = Client()
    client.force_login(user(*roles))
    session = client.session
    session["confirmed_at"] = 10**11
    session.save()
    return client


def caller(*roles):
    api = APIClient()
    api.force_authenticate(user(*roles))
    return api


class TestPages:
    def test_from_the_invoice_to_the_red_letter(self, books):
        page, invoice = signed_in("accountant"), invoiced(tax_id=BUYER)
        assert "Request a fapiao" in page.get(f"/invoices/{invoice.pk}/").content.decode()
        form = page.get(f"/fapiaos/new/{invoice.pk}/").content.decode()
        assert BUYER in form
        assert "113.00" in form

        told = {"kind": "special", "buyer_name": "上海客户有限公司", "buyer_tax_number": BUYER}
        page.post(f"/fapiaos/new/{invoice.pk}/", told)
        made = Fapiao.objects.get()
        number = {"number": digital(), "issued_on": TODAY.isoformat()}
        page.post(f"/fapiaos/{made.pk}/record/", number)
        assert number["number"] in page.get(f"/fapiaos/{made.pk}/").content.decode()
        page.post(f"/fapiaos/{made.pk}/red/", {"credit_note": "", "reason": "invoicing_error"})

        made.refresh_from_db()
        assert (made.status, made.reds.get().status) == ("red_requested", "requested")
        shown = page.get(f"/invoices/{invoice.pk}/").content.decode()
        assert "Request a fapiao" not in shown
        assert "Red letter" in page.get("/fapiaos/").content.decode()

    def test_a_no_stands_at_its_field(self, books):
        invoice = invoiced()

        answer = signed_in("accountant").post(
            f"/fapiaos/new/{invoice.pk}/", {"kind": "special", "buyer_name": "x", "buyer_tax_number": "1"}
        )

        assert answer.status_code == 422
        assert "is not a unified social credit code" in answer.content.decode()

    def test_a_credit_note_is_offered_and_shows_its_red_letter(self, books):
        page, blue = signed_in("accountant"), issued()
        note = credited(blue.invoice, "2")

        assert note.number in page.get(f"/fapiaos/{blue.pk}/").content.decode()
        page.post(f"/fapiaos/{blue.pk}/red/", {"credit_note": note.pk, "reason": "sales_return"})

        assert Fapiao.objects.get(colour="red").gross == -note.gross
        assert "red letter" in page.get(f"/invoices/{note.pk}/").content.decode().lower()

    def test_a_red_letter_issued_by_hand(self, books):
        page, blue, number = signed_in("accountant"), issued(), digital()
        told = {"credit_note": "", "reason": "sales_return", "number": "12", "issued_on": TODAY.isoformat()}

        assert page.post(f"/fapiaos/{blue.pk}/red/", told).status_code == 422
        assert page.post(f"/fapiaos/{blue.pk}/red/", {**told, "number": number}).status_code == 302

        blue.refresh_from_db()
        assert (blue.status, blue.reds.get().number) == ("reversed", number)

    def test_one_issued_by_hand_and_one_withdrawn(self, books):
        page, invoice = signed_in("accountant"), invoiced()
        first = requested(invoice)
        page.post(f"/fapiaos/{first.pk}/withdraw/")
        told = {"kind": "ordinary", "buyer_name": "x", "number": digital(), "issued_on": TODAY.isoformat()}

        answer = page.post(f"/fapiaos/enter/{invoice.pk}/", told)

        assert (answer.status_code, [one.status for one in Fapiao.objects.order_by("requested_at")]) == (
            302, ["withdrawn", "issued"],
        )  # fmt: skip

    def test_an_auditor_looks_and_the_others_do_not(self, books):
        blue, page = issued(), signed_in("auditor")
        shown = page.get(f"/fapiaos/{blue.pk}/").content.decode()

        assert 'action="/fapiaos/' not in shown
        assert page.get("/fapiaos/").status_code == 200
        for address in (f"/fapiaos/{blue.pk}/red/", f"/fapiaos/{blue.pk}/record/", f"/fapiaos/{blue.pk}/withdraw/"):
            assert page.post(address).status_code == 403
        desk_page = signed_in("order_desk")
        assert desk_page.get("/fapiaos/").status_code == 403
        assert blue.number not in desk_page.get(f"/invoices/{blue.invoice_id}/").content.decode()

    def test_every_column_shows_sorts_groups_and_is_exported(self, books):
        page, blue = signed_in("accountant"), issued()
        services.request_red(blue, "sales_return", accountant(), credit_note=credited(blue.invoice, "2"))
        every = ",".join(column.name for column in FAPIAOS.columns)

        for column in FAPIAOS.columns:
            group = f"&group={column.name}" if column.group else ""
            answer = page.get(f"/fapiaos/?view=all&columns={every}&ordering=-{column.name}{group}")
            assert answer.status_code == 200, column.name
        lines = b"".join(page.get(f"/lists/fapiaos/export/csv/?view=all&columns={every}").streaming_content)

        assert len(lines.splitlines()) == 3
        assert "-45.20" in lines.decode("utf-8-sig")

    def test_it_is_found_from_everywhere(self, books):
        blue = issued()

        assert blue.get_absolute_url() in signed_in("auditor").get(f"/search/?q={blue.number}").content.decode()
        assert blue.get_absolute_url() not in signed_in("order_desk").get(f"/search/?q={blue.number}").content.decode()

    def test_other_countries_see_nothing_of_it(self):
        invoice = invoice_of()

        assert 'id="fapiao"' not in signed_in("accountant").get(f"/invoices/{invoice.pk}/").content.decode()

    def test_a_refusal_is_work_on_the_desk(self, books):
        made = services.refuse(requested(), "税号不存在")

        piles = {pile.queue.name: pile for pile in desk(accountant()).piles}

        assert [(row.label, row.text) for row in piles["fapiaos"].rows] == [(made.invoice.number, "税号不存在")]
        assert made.invoice.number in signed_in("accountant").get("/fapiaos/?status=to_mend").content.decode()


class TestApi:
    def test_ask_enter_take_back_and_withdraw(self, books):
        api, invoice = caller("accountant"), invoiced(tax_id=BUYER)

        asked = api.post("/api/v1/fapiaos/", {"invoice": invoice.pk, "kind": "special"}, format="json")
        assert (asked.status_code, asked.json()["status"], asked.json()["amounts"]) == (
            201, "requested", [{"tax_class": "standard", "rate": "0.130000", "net": "100.00", "tax": "13.00"}],
        )  # fmt: skip
        place = f"/api/v1/fapiaos/{asked.json()['id']}/"
        number = {"number": digital(), "issued_on": TODAY.isoformat()}
        assert api.post(f"{place}record/", number, format="json").json()["status"] == "issued"
        note = credited(invoice, "2")
        red = api.post(f"{place}red-letter/", {"reason": "sales_return", "credit_note": note.pk}, format="json").json()
        assert (red["colour"], red["gross"], red["credit_note_number"]) == ("red", "-45.20", note.number)
        gone = api.post(f"/api/v1/fapiaos/{red['id']}/withdraw/").json()
        assert (gone["status"], api.get(place).json()["status"]) == ("withdrawn", "issued")

    @pytest.mark.parametrize("verb", ["record", "red-letter", "withdraw"])
    def test_a_stale_version_changes_nothing(self, books, verb):
        made = requested()
        stale = {"If-Match": '"no-such-version"'}

        no = caller("accountant").post(f"/api/v1/fapiaos/{made.pk}/{verb}/", {}, format="json", headers=stale)

        made.refresh_from_db()
        assert (no.status_code, made.status) == (412, "requested")

    def test_no_is_a_problem(self, books):
        api, invoice = caller("accountant"), invoiced()

        no = api.post("/api/v1/fapiaos/", {"invoice": invoice.pk, "kind": "special"}, format="json")
        assert (no.status_code, no.json()["code"]) == (422, "tax-number-missing")
        told = {"invoice": invoice.pk, "kind": "ordinary", "number": digital(), "issued_on": TODAY.isoformat()}
        assert api.post("/api/v1/fapiaos/enter/", told, format="json").status_code == 201
        again = api.post("/api/v1/fapiaos/", {"invoice": invoice.pk, "kind": "ordinary"}, format="json")
        assert (again.status_code, again.json()["code"]) == (409, "has-fapiao")

    def test_the_register_is_filtered_as_the_page(self, books):
        blue = issued()
        api = caller("auditor")

        found = api.get(f"/api/v1/fapiaos/?status=issued&invoice={blue.invoice_id}").json()["results"]

        assert [one["number"] for one in found] == [blue.number]
        assert api.get("/api/v1/fapiaos/?colour=red").json()["results"] == []
        assert api.post("/api/v1/fapiaos/", {}).status_code == 403
        assert caller("order_desk").get("/api/v1/fapiaos/").status_code == 403
