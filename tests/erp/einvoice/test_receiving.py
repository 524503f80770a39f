"""What suppliers send: looked at, taken in once, kept as it came; and our own letterhead. Page, API and command."""

import io
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from base.refusals import BadInput
from erp.einvoice import cii, reading, services, ubl
from erp.einvoice.models import Letterhead, Received
from erp.einvoice.pdf import pdf
from erp.einvoice.refusals import ReceivedAlready
from erp.parties.services import open_supplier
from tests.erp.einvoice.documents import full_document, party
from tests.erp.einvoice.samples import SAMPLES, needs_samples
from tests.erp.makers import company, user

pytestmark = pytest.mark.django_db
DOCUMENT = full_document()
UBL = ubl.write(DOCUMENT)
BROKEN = ubl.write(replace(DOCUMENT, total_gross=DOCUMENT.total_gross + 1))


def browser(*roles):
    company()
    client = Client()
    client.force_login(user(*roles))
    return client


def client(*roles):
    company()
    api = APIClient()
    api.force_authenticate(user(*roles))
    return api


def file(data=UBL, name="bill.xml"):
    return SimpleUploadedFile(name, data)


def test_a_document_is_kept_as_it_came_with_what_it_says():
    company()
    supplier = open_supplier("Whoever", tax_id="DE123456788")

    received = services.receive(UBL, "bill.xml", user("accountant"))

    kept = Received.objects.get()
    assert (bytes(kept.body), kept.invoice, kept.valid, kept.findings) == (UBL, DOCUMENT, True, [])
    assert (kept.number, kept.seller_name, kept.payable, kept.party) == (
        DOCUMENT.number, "Northwind GmbH", DOCUMENT.payable, supplier,
    )  # fmt: skip
    assert (received.pk, kept.received_by) == (kept.pk, "accountant")


def test_a_factur_x_is_taken_with_its_pdf():
    company()
    hybrid = pdf(DOCUMENT, cii.write(DOCUMENT), "en")

    received = services.receive(hybrid, "bill.pdf")

    assert (received.container, received.syntax, bytes(received.body), received.invoice) == (
        "pdf", "cii", hybrid, DOCUMENT,
    )  # fmt: skip


def test_the_same_bytes_and_the_same_number_are_taken_once():
    company()
    services.receive(UBL)

    for again in (UBL, cii.write(DOCUMENT), ubl.write(replace(DOCUMENT, due_date=None, payment_terms="now"))):
        with pytest.raises(ReceivedAlready) as refused:
            services.receive(again)
        assert str(refused.value).startswith("INV-2026-000001 of Northwind GmbH was received on ")

    services.receive(ubl.write(replace(DOCUMENT, seller=party("Another", vat_id="DE136695976"))))
    assert Received.objects.count() == 2


def test_a_broken_document_is_kept_and_says_what_it_breaks():
    company()

    received = services.receive(BROKEN)

    assert received.valid is False
    assert "BR-CO-15" in [finding["rule"] for finding in received.findings]


def test_a_number_of_any_length_is_kept_short_and_known_again():
    company()
    long = ubl.write(replace(DOCUMENT, number="9" * 5000, seller=party("😀" * 400)))
    services.receive(long)

    with pytest.raises(ReceivedAlready):
        services.receive(long + b" ")


@pytest.mark.parametrize("statement", ["UPDATE {} SET number = 'x'", "DELETE FROM {}"])
def test_nobody_changes_what_came(statement):
    company()
    services.receive(UBL)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(Received._meta.db_table))


@needs_samples
def test_every_file_of_xrechnung_is_taken_in_once_for_each_number():
    company()
    numbers = set()
    for path in SAMPLES:
        number = reading.read(path.read_bytes()).invoice.number
        if number in numbers:  # the same invoice in the other syntax; and two of the suite share a number
            with pytest.raises(ReceivedAlready):
                services.receive(path.read_bytes(), path.name)
            continue
        numbers.add(number)
        received = services.receive(path.read_bytes(), path.name)
        assert (received.valid, received.payable) == (True, received.invoice.payable)
    assert Received.objects.count() == len(numbers)


def test_the_page_checks_without_keeping_and_takes_in_once():
    page = browser("accountant")

    looked = page.post("/einvoices/receive/", {"file": file(BROKEN), "check": "1"})
    taken = page.post("/einvoices/receive/", {"file": file()}, follow=True)
    again = page.post("/einvoices/receive/", {"file": file()})

    assert "BR-CO-15" in looked.content.decode()
    assert Received.objects.count() == 1
    assert "Northwind GmbH" in taken.content.decode()
    assert (again.status_code, "it was not taken a second time" in again.content.decode()) == (422, True)


def test_a_file_that_is_no_invoice_is_refused_at_its_field():
    answer = browser("accountant").post("/einvoices/receive/", {"file": file(b"<!DOCTYPE x><x/>")})

    assert (answer.status_code, "carries a DTD" in answer.content.decode()) == (422, True)


def test_the_auditor_reads_and_takes_nothing_in():
    company()
    received = services.receive(UBL)
    page = browser("auditor")

    assert "INV-2026-000001" in page.get("/einvoices/").content.decode()
    assert "Tea" in page.get(f"/einvoices/{received.pk}/").content.decode()
    assert page.get(f"/einvoices/{received.pk}/original/").content == UBL
    assert page.post("/einvoices/receive/", {"file": file(BROKEN)}).status_code == 403
    assert [browser(role).get("/einvoices/").status_code for role in ("warehouse", "order_desk")] == [403, 403]


def test_the_original_is_never_shown_by_the_browser():
    company()
    answer = browser("accountant").get(f"/einvoices/{services.receive(UBL, '../../<x>.html').pk}/original/")

    assert (answer["Content-Type"], answer["Content-Disposition"].partition(";")[0]) == (
        "application/octet-stream", "attachment",
    )  # fmt: skip


def test_the_api_checks_takes_in_and_lists():
    api = client("accountant")

    seen = api.post("/api/v1/einvoices/check/", {"file": file(BROKEN)}, format="multipart")
    taken = api.post("/api/v1/einvoices/", {"file": file()}, format="multipart")
    again = api.post("/api/v1/einvoices/", {"file": file()}, format="multipart")
    listed = api.get("/api/v1/einvoices/", {"valid": "true"})

    assert (seen.status_code, seen.data["valid"]) == (200, False)
    assert {"BR-CO-15"} <= {one["rule"] for one in seen.data["findings"]}
    assert (taken.status_code, taken.data["number"], taken.data["content"]["currency"]) == (
        201, DOCUMENT.number, "EUR",
    )  # fmt: skip
    assert (again.status_code, again.data["code"]) == (409, "received-already")
    assert [row["number"] for row in listed.data["results"]] == [DOCUMENT.number]
    assert client("warehouse").get("/api/v1/einvoices/").status_code == 403


def test_a_large_file_is_refused_before_it_is_read():
    answer = client("accountant").post(
        "/api/v1/einvoices/check/", {"file": file(b" " * (10 * 2**20 + 1))}, format="multipart"
    )

    assert (answer.status_code, answer.data["code"]) == (413, "too-large")


def test_the_letterhead_is_set_by_page_and_api_and_keeps_its_history():
    page, api = browser("accountant"), client("accountant")
    told = {"legal_name": "Northwind GmbH", "country": "de", "iban": "DE89 3704 0044 0532 0130 00"}

    saved = page.post("/einvoices/letterhead/", told)
    changed = api.patch("/api/v1/letterhead/set/", {"city": "Berlin"})

    letterhead = Letterhead.objects.get()
    assert (saved.status_code, changed.status_code, changed.data["city"]) == (302, 200, "Berlin")
    assert (letterhead.country, letterhead.iban) == ("DE", "DE89370400440532013000")
    assert [row.city for row in letterhead.history.order_by("history_id")] == ["", "Berlin"]
    assert client("auditor").patch("/api/v1/letterhead/set/", {"city": "Bonn"}).status_code == 403


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"legal_name": " "}, "legal_name"),
        ({"country": "Atlantis"}, "country"),
        ({"vat_id": "123456788"}, "vat_id"),
        ({"iban": "DE89370400440532013001"}, "iban"),
        ({"iban": "6222 0210/0112"}, "iban"),
        ({"bic": "COBADE"}, "bic"),
        ({"endpoint": "bills@example.de"}, "endpoint_scheme"),
    ],
)
def test_a_letterhead_that_cannot_be_right_is_refused_at_its_field(told, field):
    with pytest.raises(BadInput) as refused:
        services.set_letterhead(company(), **told)

    assert refused.value.field == field
    assert not Letterhead.objects.exists()


def test_the_command_checks_and_takes_in(tmp_path):
    company()
    good, bad, out = tmp_path / "good.xml", tmp_path / "bad.xml", io.StringIO()
    good.write_bytes(UBL)
    bad.write_bytes(BROKEN)

    with pytest.raises(CommandError, match="1 of 2 break rules"):
        call_command("einvoice", "check", str(good), str(bad), stdout=out)
    call_command("einvoice", "receive", str(good), str(good), stdout=out)

    assert "good.xml: ubl INV-2026-000001: valid" in out.getvalue()
    assert "BR-CO-15: The total with tax is not the total without tax plus tax." in out.getvalue()
    assert "was received on" in out.getvalue()
    assert Received.objects.count() == 1
    with pytest.raises(CommandError, match="No such file"):
        call_command("einvoice", "check", str(tmp_path / "none.xml"))


def test_an_account_without_iban_and_a_bic_are_kept_as_banks_write_them():
    kept = services.set_letterhead(company(), iban="6222 0210-0112 3456", bic="bkchcnbj 110")

    assert (kept.iban, kept.bic) == ("62220210-01123456", "BKCHCNBJ110")
