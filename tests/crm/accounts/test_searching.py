"""Words inside long tables: the index leaves out nothing that reading every row would find."""

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from base.grams import has_piece
from crm.accounts.models import Account, Contact
from crm.leads.models import Lead
from crm.pipeline.models import Deal
from crm.tickets.models import Ticket
from tests.crm.makers import account, deal

pytestmark = pytest.mark.django_db
SIGNS = st.text(st.sampled_from("aAbßäÄéIıİ .@-1和明杭州😀"), max_size=12)


def pieces(*texts: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_grams(VARIADIC %s)", [list(texts)])
        return set(cursor.fetchone()[0])


def test_words_are_cut_into_three_letters_and_into_two_where_words_are_short() -> None:
    assert pieces("Wein") == {"WEI", "EIN"}
    assert pieces("和明华") == {"和明", "明华"}
    assert pieces("A和", "xy", "") == {"A和"}
    assert pieces("ab和c") == {"AB和", "B和", "和C"}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SIGNS, SIGNS, SIGNS)
def test_what_holds_a_word_holds_all_its_pieces(before: str, word: str, after: str) -> None:
    assert pieces(word) <= pieces(before + word + after)
    assert bool(pieces(word)) == has_piece(word)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SIGNS.filter(str.strip), min_size=1, max_size=5), SIGNS.filter(str.strip))
def test_the_answer_is_that_of_reading_every_row(names: list[str], word: str) -> None:
    Account.objects.all().delete()
    Account.objects.bulk_create(Account(name=name) for name in names)
    for part in {word, *(name[1:5] for name in names)} - {""}:
        plain = Account.objects.all()
        for one in part.split():
            plain = plain.filter(name__icontains=one)
        assert set(Account.objects.matching(part)) == set(plain), part


def test_people_codes_and_towns_are_found_and_every_word_counts() -> None:
    alfreds = account("Alfreds Futterkiste", city="Berlin", external_ref="ALFKI", contacts=[{"name": "Maria Anders"}])
    account("Vins", city="Reims")

    for text in ("futter", "kiste berl", "ALFKI", "alfki", "anders", "maria futter", "al", "Be"):
        assert list(Account.objects.matching(text)) == [alfreds], text
    assert not Account.objects.matching("ALFK")
    assert not Account.objects.matching("futter reims")
    assert Contact.objects.matching("futterk").get().name == "Maria Anders"
    assert Deal.objects.matching("futterk").count() == 0
    made = deal(of=alfreds, title="Forty chests")
    assert [list(Deal.objects.matching(text)) for text in ("futterk", "chests alf", made.number)] == [[made]] * 3


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        (lambda: Account.objects.matching("futter"), {"account_by_grams", "contact_by_grams"}),
        (lambda: Contact.objects.matching("futter"), {"account_by_grams", "contact_by_grams"}),
        (lambda: Lead.objects.matching("futter"), {"lead_by_grams"}),
        (lambda: Deal.objects.matching("futter"), {"deal_by_grams", "account_by_grams"}),
        (lambda: Ticket.objects.matching("futter"), {"ticket_by_grams", "account_by_grams"}),
    ],
)
def test_the_index_is_asked(rows: Any, names: set[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = rows().explain()

    assert {name for name in names if name in plan} == names
