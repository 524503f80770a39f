"""Cost centres and projects: named on lines, asked for by accounts, and kept by the database."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction

from erp.ledger import closing, dimensioning, refusals, sealing, services
from erp.ledger.models import Account, Dimension, JournalEntry, Period
from erp.ledger.reports import trial_balance
from erp.ledger.services import post, reverse
from erp.ledger.sets import post_set
from erp.proof.invariants import all_invariants
from tests.erp.ledger.bearers import asks, bearing, in_december, named, on_lines
from tests.erp.ledger.makers import TODAY, rent, sale
from tests.erp.ledger.test_invariants import as_app, broken, refused
from tests.erp.ledger.test_sealing import by_force
from tests.erp.makers import company, user

D = Decimal


@pytest.mark.django_db
class TestOnLines:
    def test_they_are_posted_by_code_one_by_one_and_in_sets(self):
        named("S10")
        named("P7", "project")
        told = {"cost_centre": "S10", "project": "P7"}

        one = post(bearing(**told))
        outcomes = post_set([bearing(key="set:1", **told), rent(key="set:2"), bearing(key="set:3", project="P7")])

        assert on_lines(one) == [("S10", "P7"), (None, None)]
        assert [on_lines(each.entry) for each in outcomes] == [
            [("S10", "P7"), (None, None)], [(None, None), (None, None)], [(None, "P7"), (None, None)],
        ]  # fmt: skip

    def test_the_same_again_is_known_and_another_cost_centre_is_not(self):
        for code in ("S10", "S11", "M20"):
            named(code)
        first = post(bearing(cost_centre="S10"))

        assert post(bearing(cost_centre="S10")).pk == first.pk
        assert post_set([bearing(cost_centre="S10")])[0].entry == first.pk
        with pytest.raises(refusals.KeyReused, match="another cost centre: S10, not S11"), transaction.atomic():
            post(bearing(cost_centre="S11"))
        assert post_set([bearing(cost_centre="M20")])[0].refusal.facts["now"] == "M20"
        with pytest.raises(refusals.KeyReused, match="another cost centre"), transaction.atomic():
            post(bearing())

    @pytest.mark.parametrize(
        ("told", "refusal", "words"),
        [
            ({"cost_centre": "X1"}, refusals.CostCentreUnknown, "There is no cost centre “X1” in use."),
            ({"cost_centre": "P7"}, refusals.CostCentreUnknown, "There is no cost centre “P7” in use."),
            ({"project": "S10"}, refusals.ProjectUnknown, "There is no project “S10” in use."),
            ({"cost_centre": "OLD"}, refusals.CostCentreUnknown, "There is no cost centre “OLD” in use."),
        ],
    )
    def test_what_is_none_or_out_of_use_is_refused_in_its_cell(self, told, refusal, words):
        named("S10")
        named("P7", "project")
        named("OLD", active=False)

        with pytest.raises(refusal) as caught, transaction.atomic():
            post(bearing(**told))
        (outcome,) = post_set([bearing(**told)])

        assert (str(caught.value), caught.value.line, caught.value.column) == (words, 1, next(iter(told)))
        assert (type(outcome.refusal), str(outcome.refusal), outcome.refusal.line) == (refusal, words, 1)
        assert not JournalEntry.objects.exists()

    @pytest.mark.parametrize("red", [False, True])
    def test_a_reversal_names_what_it_undoes_in_use_or_not(self, red):
        centre = named("S10")
        ours = company()
        ours.red_letter = red
        ours.save()
        entry = post(bearing(cost_centre="S10"))
        dimensioning.change_dimension(centre, user("accountant"), active=False)

        undone = reverse(entry, TODAY, "Wrong")

        assert on_lines(undone) == [("S10", None), (None, None)]
        assert undone.lines.get(position=1).debit == (D("-900.00") if red else 0)


@pytest.mark.django_db
class TestAsking:
    def test_an_account_asks_from_its_day_on(self):
        named("S10")
        post(rent(key="before", date=date(2026, 11, 1)))
        asks(since=TODAY)

        words = "Account 6100 needs a cost centre"
        with pytest.raises(refusals.CostCentreMissing, match=words) as caught, transaction.atomic():
            post(rent())
        outcomes = post_set(
            [rent(key="a"), bearing(key="b", cost_centre="S10"), rent(key="c", date=date(2026, 11, 2))],
            all_or_nothing=False,
        )

        assert caught.value.column == "cost_centre"
        assert [type(one.refusal) for one in outcomes] == [refusals.CostCentreMissing, type(None), type(None)]
        assert post(bearing(cost_centre="S10")).pk
        asks(kind="project", since=date(2026, 12, 1))
        with pytest.raises(refusals.ProjectMissing, match="needs a project"), transaction.atomic():
            post(in_december(cost_centre="S10"))

    def test_not_while_lines_of_those_days_lack_one(self):
        named("S10")
        lacking = post(rent())

        words = "has 1 lines without a cost centre since 2026-11-01"
        with pytest.raises(refusals.CostCentreAskedTooEarly, match=words), transaction.atomic():
            asks(since=date(2026, 11, 1))
        asks(since=date(2026, 11, 24))
        reverse(lacking, TODAY, "Named nobody")
        assert asks(since=date(2026, 11, 1)).cost_centre_from == date(2026, 11, 1)
        asks(since=None)

    def test_what_was_posted_before_is_still_undone(self):
        named("S10")
        entry = post(rent(date=date(2026, 11, 1)))
        asks(since=TODAY)

        assert on_lines(reverse(entry, TODAY, "Wrong")) == [(None, None), (None, None)]

    def test_documents_are_never_asked(self):
        company()
        for code in Account.objects.filter(role__in=("sales", "receivable")).values_list("code", flat=True):
            with pytest.raises(refusals.DocumentsPostThere):
                asks(code)
        with refused("23514"):
            as_app("UPDATE public.ledger_account SET project_from = '2026-01-01' WHERE role = 'sales'")

    def test_the_years_result_is_asked_for_nothing_and_keeps_each_apart(self):
        named("S10")
        post(rent("100.00", "none", date=date(2026, 1, 5)))
        post(bearing("40.00", "named", cost_centre="S10"))
        asks(since=date(2026, 2, 1))
        for period in Period.objects.filter(starts_on__lt="2026-12-01", fiscal_year__year=2026):
            services.set_period(period, "closing", "alice")
            services.set_period(period, "closed", "alice")
        dimensioning.change_dimension(Dimension.objects.get(), user("accountant"), active=False)

        ended = closing.end_year(Period.objects.get(starts_on="2026-12-01").fiscal_year, user("accountant"))

        told = ended.lines.order_by("position").values_list("account__code", "cost_centre__code", "credit")
        assert list(told)[:2] == [("6100", "S10", D("40.00")), ("6100", None, D("100.00"))]
        left = trial_balance(company(), date(2026, 12, 31), only={"cost_centre": "S10"}).rows
        assert [(row.account.code, row.closing) for row in left] == [("6100", 0)]


FAULTS = [
    ("l.cost_centre_id := uuidv7();", "HM036"),
    ("SELECT id INTO l.project_id FROM public.ledger_dimension WHERE kind = 'cost_centre' LIMIT 1;", "HM036"),
    ("SELECT id INTO l.cost_centre_id FROM public.ledger_dimension WHERE NOT active;", "HM036"),
    ("SELECT id INTO l.cost_centre_id FROM public.ledger_dimension WHERE code = 'ELSE';", "HM036"),
    ("l.cost_centre_id := NULL;", "HM048"),
    ("l.project_id := NULL;", "HM049"),
]


@pytest.mark.django_db(transaction=True)
class TestTheDatabase:
    """Attempts with raw SQL, as the process's role and past the posting function."""

    def test_a_posting_function_with_a_fault_names_nothing_wrong(self, as_owner):
        named("S10")
        named("OLD", active=False)
        named("P7", "project")
        other = type(company()).objects.create(code="OTHER", name="Other", base_currency="EUR")
        Dimension.objects.create(company=other, kind="cost_centre", code="ELSE", name="Of the others")
        post(bearing(cost_centre="S10", project="P7"))
        asks(since=TODAY)
        asks(kind="project", since=TODAY)

        for fault, sqlstate in FAULTS:
            as_owner.execute(broken(line=f"IF l.position = 1 THEN {fault} END IF;"))
            with refused(sqlstate):
                as_app("SELECT * FROM public.ledger_post('{}')")
            assert JournalEntry.objects.count() == 1, fault
        as_owner.execute(broken())
        as_app("SELECT * FROM public.ledger_post('{}')")
        assert JournalEntry.objects.count() == 2

    def test_a_reversal_mirrors_what_lines_name(self, as_owner):
        named("S10")
        named("S11")
        post(bearing(cost_centre="S10"))
        mirrored = "l.debit := l.debit + l.credit; l.credit := l.debit - l.credit; l.debit := l.debit - l.credit;"
        other = "SELECT id INTO l.cost_centre_id FROM public.ledger_dimension WHERE code = 'S11';"

        as_owner.execute(broken(entry="e.reverses_id := o.id;", line=f"{mirrored} {other}"))
        with refused("HM039"):
            as_app("SELECT * FROM public.ledger_post('{}')")

    def test_what_lines_name_stays(self, as_owner):
        used, unused = named("S10"), named("S11")
        post(bearing(cost_centre="S10"))

        for change in ("code = 'S99'", "kind = 'project'", "id = uuidv7()"):
            with refused("HM038"):
                as_app(f"UPDATE public.ledger_dimension SET {change} WHERE id = %s", used.pk)
        with refused("HM038"):
            as_owner.execute("DELETE FROM public.ledger_dimension WHERE id = %s", [used.pk])
        with refused("HM010"):
            as_owner.execute("TRUNCATE public.ledger_dimension CASCADE")
        as_app("UPDATE public.ledger_dimension SET name = 'Other', active = false WHERE id = %s", used.pk)
        as_app("UPDATE public.ledger_dimension SET code = 'S12' WHERE id = %s", unused.pk)
        as_app("DELETE FROM public.ledger_dimension WHERE id = %s", unused.pk)

    def test_none_belongs_to_itself_or_to_another_kind(self):
        above, below, project = named("S10"), named("S11", parent="S10"), named("P7", "project")

        for parent, child in ((below, above), (above, above), (project, below)):
            with refused("HM052"):
                as_app("UPDATE public.ledger_dimension SET parent_id = %s WHERE id = %s", parent.pk, child.pk)

    def test_asking_waits_for_who_posts(self, as_owner):
        named("S10")

        with transaction.atomic():
            post(rent())
            with refused("55P03"):
                as_owner.execute("SET lock_timeout = '100ms'")
                as_owner.execute("UPDATE public.ledger_account SET cost_centre_from = '2026-01-01' WHERE code = '6100'")
        with refused("HM050"):
            as_app("UPDATE public.ledger_account SET cost_centre_from = '2026-01-01' WHERE code = '6100'")


BEFORE = """CREATE OR REPLACE FUNCTION public.ledger_entry_hash(e public.ledger_journalentry) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT sha256(convert_to(jsonb_build_array(
      e.id, e.company_id, e.journal_id, e.period_id, e.number, e.series, e.year, e.sequence, e.date, e.text, e.total,
      e.key, e.digest, e.source_type, e.source_id, e.reverses_id, e.posted_by,
      to_char(e.posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
      (SELECT jsonb_agg(jsonb_build_array(
                l.id, l.position, l.account_id, l.date, l.debit, l.credit, l.currency, l.foreign_amount, l.party, l.due,
                l.tax_code, l.text) ORDER BY l.position)
         FROM public.ledger_journalline l WHERE l.entry_id = e.id))::text, 'UTF8'));
$fn$"""


@pytest.mark.django_db(transaction=True)
class TestSeals:
    def test_books_sealed_before_there_were_any_still_hold(self, as_owner):
        """The function as it was in 0.1.0rc1 seals; the one of today verifies."""
        company()
        post(sale())
        post(rent())
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef('public.ledger_entry_hash'::regproc)")
            (today,) = cursor.fetchone()
        as_owner.execute(BEFORE)
        sealing.seal()
        as_owner.execute(today)

        assert (sealing.verify().broken, sealing.verify().entries) == ((), 2)

    @pytest.mark.parametrize("value", ["NULL", "(SELECT id FROM public.ledger_dimension WHERE code = 'S11')"])
    def test_another_cost_centre_in_sealed_books_is_found(self, value):
        named("S10")
        named("S11")
        post(bearing(cost_centre="S10"))
        sealing.seal()
        assert sealing.verify().broken == ()

        by_force(f"UPDATE public.ledger_journalline SET cost_centre_id = {value} WHERE cost_centre_id IS NOT NULL")

        assert [one.why for one in sealing.verify().broken] == ["its entries are not what was sealed"]


@pytest.mark.django_db(transaction=True)
def test_the_proof_finds_a_line_that_lacks_what_its_account_asks_for():
    named("S10")
    asks()
    entry = post(bearing(cost_centre="S10"))
    rule = next(one for one in all_invariants() if one.code == "I9 cost centres")

    def found() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(rule.query)
            return [what for what, _detail in cursor.fetchall()]

    assert found() == []
    by_force("UPDATE public.ledger_journalline SET cost_centre_id = NULL")
    assert found() == [entry.number]
    by_force("UPDATE public.ledger_account SET cost_centre_from = '2026-12-01' WHERE cost_centre_from IS NOT NULL")
    assert found() == []
