"""Words inside long tables: the index leaves out nothing that reading every row would find."""

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from base.grams import has_piece, narrowed
from crm.accounts import models as accounts
from crm.accounts.models import Account, Contact
from crm.leads import models as leads
from crm.pipeline import models as pipeline
from crm.pipeline.models import Deal
from crm.tickets import models as tickets
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
    ("keys", "indexes"),
    [
        (accounts._account_keys, ["account_by_grams", "contact_by_grams"]),
        (accounts._contact_keys, ["contact_by_grams", "account_by_grams"]),
        (leads._keys, ["lead_by_grams"]),
        (pipeline._keys, ["deal_by_grams", "account_by_grams", "dealorder_by_number"]),
        (tickets._keys, ["ticket_by_grams", "account_by_grams"]),
    ],
)
def test_each_question_is_asked_of_an_index(keys: Any, indexes: list[str]) -> None:
    with connection.cursor() as cursor:  # what a small table would be read by; the indexes in question serve bitmaps
        for way in ("seqscan", "indexscan", "indexonlyscan", "nestloop"):
            cursor.execute(f"SET LOCAL enable_{way} = off")

    for asked, index in zip(keys("futter"), indexes, strict=True):
        assert index in asked.order_by().explain()


@pytest.mark.parametrize("most", [0, 1000])
def test_few_and_many_hits_are_the_same_rows(most: int) -> None:
    names = ["Alfreds Futterkiste", "Futterkiste Berlin", "Berliner Kiste", "Vins"]
    made = {name: account(name, contacts=[{"name": "Maria Anders"}]) for name in names}
    for name in names:
        deal(of=made[name], title=f"Chests for {name}")

    def found(module: Any, model: Any, kind: str, text: str) -> set[str]:
        keys, says = (getattr(module, f"{kind}_{what}") for what in ("keys", "says"))
        return {
            str(one)
            for one in narrowed(model.objects.all(), text, keys, says, most).values_list(_NAME[model], flat=True)
        }

    for text, hit in (("kiste futter", names[:2]), ("berlin", names[1:3]), ("anders vin", names[3:]), ("x futter", [])):
        assert found(accounts, Account, "_account", text) == set(hit), text
        assert found(accounts, Contact, "_contact", text) == set(hit), text
    assert found(pipeline, Deal, "", "chests kiste") == set(names[:3])


_NAME: dict[Any, str] = {Account: "name", Contact: "account__name", Deal: "account__name"}
