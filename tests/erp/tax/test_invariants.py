"""Attempts to break what was filed with raw SQL, as the process's role and as the owner of the tables."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from base.refusals import Refused
from erp.ledger.models import JournalLine, Period
from erp.ledger.refusals import TaxFiled
from erp.ledger.services import still_period
from erp.proof.services import prove
from erp.tax import returns
from erp.tax.models import VatReturn
from tests.erp.ledger.test_invariants import as_app, refused
from tests.erp.makers import company, user
from tests.erp.tax.makers import OCTOBER, taxed

TABLES = ["tax_vatreturn", "tax_returnversion"]
POST = """SELECT * FROM public.ledger_post(jsonb_build_object('company', %s::text, 'journal', 'general',
  'date', '2026-10-15', 'text', 'by hand', 'key', %s::text, 'lines', %s::jsonb))"""


def filed():
    company()
    taxed("1000.00")
    return returns.file(company(), OCTOBER, user("accountant"))


def by_hand(key, *lines):
    as_app(POST, str(company().pk), key, json.dumps(lines))


@pytest.mark.django_db
class TestTheProcessRole:
    """May file and reopen through the functions, and nothing else."""

    @pytest.mark.parametrize("table", TABLES)
    @pytest.mark.parametrize("statement", [
        "INSERT INTO public.{0} SELECT * FROM public.{0}", "UPDATE public.{0} SET version = 9",
        "DELETE FROM public.{0}", "TRUNCATE public.{0} CASCADE",
    ])  # fmt: skip
    def test_writes_nothing_by_hand(self, table, statement):
        filed()

        with refused("42501"):
            as_app(statement.format(table))

    @pytest.mark.parametrize(
        "lines",
        [
            [{"account": "vat_output", "credit": "1"}, {"account": "bank", "debit": "1"}],
            [{"account": "vat_input", "debit": "1"}, {"account": "bank", "credit": "1"}],
            [{"account": "sales", "credit": "1", "tax_code": "standard:19"}, {"account": "bank", "debit": "1"}],
        ],
    )
    def test_posts_no_tax_into_filed_days(self, lines):
        filed()

        with refused("HM080"):
            by_hand("tax", *lines)
        by_hand("rent", {"account": "6100", "debit": "1"}, {"account": "bank", "credit": "1"})

        assert JournalLine.objects.filter(date__range=(OCTOBER.start, OCTOBER.end)).count() == 5

    def test_files_no_figures_that_the_books_do_not_have(self):
        company()
        taxed("1000.00")
        form = str(returns.form_of(company()).pk)
        body = {"company": str(company().pk), "form": form, "starts_on": "2026-10-01", "ends_on": "2026-10-31",
                "figures": {}, "output_tax": "189.99", "input_tax": "0", "payable": "189.99", "by": "eve"}  # fmt: skip

        with refused("HM082"):
            as_app("SELECT * FROM public.tax_file(%s::jsonb)", json.dumps(body))

    def test_reopens_nothing_alone_or_without_a_reason(self):
        found = filed()

        for by, reason in (("accountant", "late"), ("peter", ""), ("", "late")):
            with refused("HM084"):
                as_app("SELECT * FROM public.tax_reopen(%s, %s, %s)", found.pk, by, reason)
        assert VatReturn.objects.get().status == "filed"

    def test_the_proof_finds_nothing_wrong_in_it(self):
        filed()

        assert {one.code: one.rows for one in prove().findings.all() if one.code.startswith("T")} == {
            "T1 filed tax": 0, "T2 filed days": 0, "T3 versions": 0, "Tax": 0,
        }  # fmt: skip


@pytest.mark.django_db(transaction=True)
class TestTheOwner:
    """Owns the tables, and is held by the triggers all the same."""

    def test_changes_and_deletes_nothing(self, as_owner):
        filed()

        for statement, sqlstate in (
            ("UPDATE public.tax_vatreturn SET status = 'amending'", "HM085"),
            ("DELETE FROM public.tax_vatreturn", "HM085"),
            ("TRUNCATE public.tax_vatreturn CASCADE", "HM010"),
            ("UPDATE public.tax_returnversion SET figures = '{}'", "HM010"),
            ("DELETE FROM public.tax_returnversion", "HM010"),
            ("TRUNCATE public.tax_returnversion", "HM010"),
        ):
            with refused(sqlstate):
                as_owner.execute(statement)

    def test_the_proof_finds_what_a_missing_guard_let_through(self, as_owner):
        filed()
        as_owner.execute("ALTER TABLE public.ledger_journalline DISABLE TRIGGER tax_lines_guard")
        taxed("10.00")
        as_owner.execute("ALTER TABLE public.ledger_journalline ENABLE TRIGGER tax_lines_guard")

        found = {one.code: one.rows for one in prove().findings.all()}

        assert (found["T1 filed tax"], found["T2 filed days"]) == (1, 1)

    def test_who_posts_while_it_is_filed_waits_and_is_refused(self):
        company()
        taxed("1000.00")
        boss = user("accountant")
        holds, may_go = Event(), Event()

        def file():
            try:
                with transaction.atomic():
                    still_period(Period.objects.get(starts_on=OCTOBER.start))
                    holds.set()
                    may_go.wait(10)
                    return returns.file(company(), OCTOBER, boss)
            finally:
                connection.close()

        def rival():
            try:
                holds.wait(10)
                may_go.set()
                return taxed("10.00")
            except Refused as refusal:
                return refusal
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            ours, theirs = pool.submit(file), pool.submit(rival)

        assert ours.result().version == 1
        assert isinstance(theirs.result(), TaxFiled)
