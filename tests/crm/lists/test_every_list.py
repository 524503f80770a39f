"""Every list of the CRM, every column: sorted, grouped, edited, exported and summed."""

import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.db import connection
from django.test import Client

from base import jobs
from base.listing import Edit, bulk
from base.listing.listing import listing_of
from base.listing.totals import COUNT_MAX
from crm.accounts.models import Account
from crm.pipeline.models import Deal
from tests.crm.leads.makers import lead
from tests.crm.makers import account, user
from tests.filled import fill_lists
from tests.lists import formulas_exported, names, printed
from tests.watching import read_by

pytestmark = pytest.mark.django_db
NAMES = names()


@pytest.fixture
def boss() -> Any:
    return user("manager", "admin", name="boss")


@pytest.fixture
def page(boss: Any) -> Client:
    """Something in every list, and somebody who may see all of it."""
    fill_lists(boss)
    client = Client()
    client.force_login(boss)
    return client


@pytest.mark.parametrize("name", NAMES)
def test_every_column_sorts_both_ways_groups_and_stands_in_the_file(page: Client, boss: Any, name: str) -> None:
    listing = listing_of(name)
    every = ",".join(column.name for column in listing.columns)
    keys = {row.pk for row in page.get(f"{listing.url}?view=all").context["page"].rows}
    assert keys

    for column in listing.columns:
        if column.sort_path:
            for sign in ("", "-"):
                answer = page.get(f"{listing.url}?view=all&columns={every}&ordering={sign}{column.name}")
                shown = [row.pk for row in answer.context["page"].rows]
                assert (set(shown), answer.context["asked"].sorts) == (keys, [(column, sign == "-")]), column.name
        if column.group:
            grouped = page.get(f"{listing.url}?view=all&group={column.name}&columns={every}")
            assert grouped.context["groups"], column.name
    file = b"".join(page.get(f"/lists/{name}/export/csv/?view=all&columns={every}").streaming_content)
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))
    labels = [str(column.label) for column in listing.columns]
    assert {head.casefold() for head in rows[0]} >= {label.casefold() for label in labels}
    assert len(rows) == len(keys) + 1
    assert printed(name, boss) >= len(keys)


def edits() -> list[tuple[str, str]]:
    return [(name, column.name) for name in NAMES for column in listing_of(name).columns if column.edit]


@pytest.mark.parametrize(("name", "column"), edits())
def test_every_cell_that_offers_it_is_changed_in_place(page: Client, boss: Any, name: str, column: str) -> None:
    listing = listing_of(name)
    row = listing.rows(boss).first()
    where = f"/lists/{name}/rows/{row.pk}/{column}/"
    one = next(one for one in listing.columns if one.name == column)
    assert one.edit is not None
    field = one.edit.field()
    new: Any = "new@words.example" if isinstance(field, forms.EmailField) else "0301234"
    if isinstance(field, forms.DateField):
        new = "2031-05-06"
    elif isinstance(field, forms.IntegerField):
        new = "7"
    elif isinstance(field, forms.ModelChoiceField):
        new = str(boss.pk)
    elif isinstance(field, forms.ChoiceField):
        new = str(list(field.choices)[-1][0])

    opened = page.get(where)
    saved = page.post(where, {"value": new, "version": listing.version_of(row)})

    assert (opened.status_code, saved.status_code) == (200, 200), saved.content
    assert json.loads(saved["HX-Trigger"])["row-saved"]["pk"] == str(row.pk)
    after = one.value_of(listing.rows(boss).get(pk=row.pk))
    assert after == new or str(after) in (new, "boss"), after


def many_deals(count: int) -> Decimal:
    """So many more deals like the first, straight in the table; gives what all come to."""
    columns = [field.column for field in Deal._meta.concrete_fields]
    told = {"id": "gen_random_uuid()", "number": "'X-' || n", "net_total": "n * 0.01"}
    values = ", ".join(told.get(column, f'd."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Deal._meta.db_table} ({names}) SELECT {values} "
            f"FROM (SELECT * FROM {Deal._meta.db_table} ORDER BY id LIMIT 1) d, generate_series(1, %s) n",
            [count],
        )
        cursor.execute(f"SELECT sum(net_total) FROM {Deal._meta.db_table}")
        return Decimal(cursor.fetchone()[0])


def test_sums_of_very_many_rows_are_exact_and_the_page_says_that_they_come_by_themselves(page: Client) -> None:
    whole = many_deals(COUNT_MAX + 50)

    shown = page.get(listing_of("deals").url + "?view=all")
    foot = page.get(listing_of("deals").url + "?view=all&part=totals").content.decode()

    assert (shown.context["totals"].is_huge, shown.context["totals"].is_summed) == (True, False)
    assert f"{COUNT_MAX:,} deals+" in shown.content.decode()
    assert "part=totals" in shown.content.decode()
    assert f"{whole:,.2f}" in foot
    assert page.get(listing_of("deals").url + "?view=all&q=X-1").context["totals"].is_summed


def test_all_that_match_are_changed_though_they_fill_many_pages(page: Client, boss: Any) -> None:
    for number in range(130):
        account(f"Many {number}", country="Norway")
    some = account("Not these", country="Sweden")

    shown = page.get("/accounts/?country=Norway")
    told = {"all": "1", "state": "?country=Norway", "told": "1", "tier": "vip"}
    answer = page.post("/lists/accounts/bulk/tier/", told)

    assert len(shown.context["page"].rows) < 130
    assert answer.status_code == 302
    assert Account.objects.filter(tier="vip").count() == 130
    some.refresh_from_db()
    assert some.tier != "vip"


def test_more_than_can_be_done_at_once_are_a_job_that_does_all_of_them(page: Client, boss: Any, settings: Any) -> None:
    for number in range(bulk.AT_ONCE_MAX + 1):
        account(f"Many {number}", country="Norway")

    page.post("/lists/accounts/bulk/tier/", {"all": "1", "state": "?country=Norway", "told": "1", "tier": "vip"})
    job = apps.get_model("access", "Job").objects.get(kind="bulk")
    jobs.run(job.pk)

    assert Account.objects.filter(country="Norway").exclude(tier="vip").count() == 0
    job = type(job).objects.get(pk=job.pk)
    assert (job.state, job.done) == ("done", bulk.AT_ONCE_MAX + 1)


def judged() -> list[tuple[str, str]]:
    """The cells whose rule is asked once for rows that agree in what it looks at."""
    return [(name, column) for name, column in edits() if edit_of(name, column).may_by]


def edit_of(name: str, column: str) -> Any:
    return next(one.edit for one in listing_of(name).columns if one.name == column)


def unnamed(edit: Any, row: Any, people: list[Any]) -> set[Any]:
    """What the rule reads of the row for one of these people, and `may_by` does not."""
    return set().union(*(read_by(edit.may, row, person) - read_by(edit.may_by, row, person) for person in people))


@pytest.mark.parametrize(("name", "column"), judged())
def test_what_a_cells_rule_looks_at_is_named_by_what_it_is_remembered_by(
    page: Client, boss: Any, name: str, column: str
) -> None:
    """Else a row would be answered as another one was, though they differ in what decides."""
    lead(owner=boss)
    account("Nobody's", owner=None, contacts=[{"name": "Maria"}])
    people = [user(role, name=f"a-{role}") for role in ("rep", "agent", "manager")]

    assert {one for row in listing_of(name).rows(boss) for one in unnamed(edit_of(name, column), row, people)} == set()


def test_a_rule_that_looks_at_more_than_it_names_is_found(page: Client, boss: Any) -> None:
    edit = Edit(
        field=forms.CharField,
        save=lambda _row, _value, _user: None,
        may=lambda contact, _user: contact.account.kind == "company" and bool(contact.account.owner_id),
        may_by=lambda contact, _user: contact.account.owner_id,
    )

    assert unnamed(edit, listing_of("contacts").rows(boss).first(), [boss]) == {("Account", "kind")}


def test_no_list_exports_a_formula(page: Client) -> None:
    assert formulas_exported(page) == []
