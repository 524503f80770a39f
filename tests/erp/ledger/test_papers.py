"""Papers are kept with who and when, and stay once what they belong to is posted."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from base.refusals import BadInput, NotAllowed
from erp.ledger import attaching, vouchers
from erp.ledger.models import Attachment, JournalEntry
from erp.ledger.refusals import PaperStays
from erp.ledger.services import post
from tests.erp.invoices.makers import rivals
from tests.erp.ledger.makers import TODAY, line, rent
from tests.erp.ledger.test_invariants import as_app, refused
from tests.erp.makers import company, user

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\nscan"


def anna():
    return user("accountant", name="anna")


def draft():
    company()
    return vouchers.write(anna(), "general", TODAY, "Pens", [line("6100", "10.00"), line("1010", credit="10.00")])


def kept(to, name="scan.pdf", body=PDF, by=None):
    return attaching.attach(to, name, [body], by or anna())


def test_a_paper_says_who_kept_it_and_the_same_file_again_is_the_same_paper():
    voucher = draft()
    paper = kept(voucher, "C:\\scans\\scan.pdf")

    assert (paper.filename, paper.media_type, paper.size, paper.added_by) == (
        "scan.pdf",
        "application/pdf",
        len(PDF),
        "anna",
    )
    assert paper.digest == hashlib.sha256(PDF).hexdigest()
    assert kept(voucher, "other.pdf").pk == paper.pk
    assert kept(draft()).pk != paper.pk


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("page.html", b"<script>"),
        ("scan.svg", b"<svg/>"),
        ("tool.exe", b"MZ"),
        ("scan.pdf", b"MZ not a pdf"),
        ("scan.png", PDF),
        ("list.csv", b"a\x00b"),
        ("scan.pdf", b""),
        ("noname", PDF),
    ],
)
def test_other_kinds_and_files_that_are_not_what_they_say_are_refused(name, body):
    voucher = draft()
    with pytest.raises(BadInput):
        kept(voucher, name, body)

    assert not Attachment.objects.exists()


def test_neither_too_large_nor_too_many():
    voucher = draft()
    with pytest.raises(BadInput, match="10 MB"):
        kept(voucher, body=PDF + b"x" * attaching.MOST_BYTES)
    for number in range(attaching.MOST_PAPERS):
        kept(voucher, body=PDF + bytes([number]))

    with pytest.raises(BadInput, match="At most 20"):
        kept(voucher, body=PDF + b"one more")
    kept(voucher, body=PDF + bytes([0]))  # the same file again is the same paper
    assert Attachment.objects.filter(voucher=voucher).count() == 20


def test_it_is_taken_away_from_a_draft_and_never_from_what_is_posted():
    voucher = draft()
    attaching.take_away(kept(voucher, body=PDF + b"mistake"), anna())
    paper = kept(voucher)
    posted = vouchers.post(voucher, anna())

    with pytest.raises(PaperStays):
        attaching.take_away(paper, anna())

    assert [one.pk for one in Attachment.objects.of_entry(posted.entry)] == [paper.pk]
    later = kept(posted.entry, "contract.txt", b"we agree")
    with pytest.raises(PaperStays):
        attaching.take_away(later, anna())
    assert Attachment.objects.of_entry(posted.entry).count() == 2


def test_auditors_read_and_keep_nothing():
    entry = post(rent()) if company() else None
    with pytest.raises(NotAllowed):
        kept(entry, by=user("auditor"))


def test_raw_sql_changes_and_removes_nothing_that_is_in_the_books():
    voucher = draft()
    kept(voucher)
    vouchers.post(voucher, anna())

    with refused("42501"):
        as_app("UPDATE public.ledger_attachment SET filename = 'x'")
    with refused("42501"):
        as_app("TRUNCATE public.ledger_attachment")
    with refused("HM045"):
        as_app("DELETE FROM public.ledger_attachment")
    with refused("HM044"):
        as_app(
            "INSERT INTO public.ledger_attachment (id, voucher_id, filename, media_type, size, digest, body, added_by,"
            " added_at) SELECT uuidv7(), voucher_id, filename, media_type, 3, repeat('0', 64), 'abc', '', now()"
            " FROM public.ledger_attachment"
        )


@pytest.mark.django_db(transaction=True)
def test_of_four_who_keep_the_same_file_at_once_all_have_one_paper():
    voucher, by = draft(), anna()

    found = rivals(4, lambda _n: kept(voucher, by=by))

    assert len({one.pk for one in found}) == Attachment.objects.count() == 1


def test_on_the_pages_by_who_may():
    voucher, browser = draft(), Client()
    browser.force_login(anna())
    file = SimpleUploadedFile("rent 一月.pdf", PDF)

    assert browser.post(f"/ledger/vouchers/{voucher.pk}/papers/", {"file": file}).status_code == 302
    paper = Attachment.objects.get()
    assert "rent 一月.pdf" in browser.get(voucher.get_absolute_url()).content.decode()
    sent = browser.get(f"/ledger/papers/{paper.pk}/")
    assert (sent.content, sent["Content-Type"], sent["X-Content-Type-Options"]) == (PDF, "application/pdf", "nosniff")
    assert sent["Content-Disposition"].startswith("attachment;")
    entry = vouchers.post(voucher, anna()).entry
    assert "rent 一月.pdf" in browser.get(entry.get_absolute_url()).content.decode()
    assert browser.post(f"/ledger/papers/{paper.pk}/take-away/").status_code == 302
    assert Attachment.objects.filter(pk=paper.pk).exists()
    for role, status in (("auditor", 200), ("warehouse", 403), ("order_desk", 403)):
        other = Client()
        other.force_login(user(role))
        assert other.get(f"/ledger/papers/{paper.pk}/").status_code == status
        assert other.post(f"/ledger/entries/{entry.pk}/papers/", {"file": file}).status_code == 403
    assert Client().get(f"/ledger/papers/{paper.pk}/").status_code in (302, 401, 403)


def test_over_the_api():
    voucher, api = draft(), APIClient()
    api.force_authenticate(anna())
    made = api.post(
        f"/api/v1/ledger/vouchers/{voucher.pk}/papers/", {"file": SimpleUploadedFile("a.pdf", PDF)}, format="multipart"
    )
    bad = api.post(
        f"/api/v1/ledger/vouchers/{voucher.pk}/papers/", {"file": SimpleUploadedFile("a.exe", PDF)}, format="multipart"
    )
    paper = f"/api/v1/ledger/papers/{made.json()['id']}/"

    assert (made.status_code, bad.status_code) == (201, 422)
    assert api.get(f"/api/v1/ledger/papers/?voucher={voucher.pk}").json()["results"][0]["filename"] == "a.pdf"
    assert api.get(f"{paper}file/").content == PDF
    vouchers.post(voucher, anna())
    assert (api.delete(paper).status_code, JournalEntry.objects.count()) == (409, 1)
