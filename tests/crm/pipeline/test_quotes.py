"""Quotes: each version stays as it was offered, on paper in both languages."""

import io
import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from base.refusals import BadInput
from crm.accounts import services as accounts
from crm.pipeline import approvals, paper, quotes
from crm.pipeline import services as pipeline
from crm.pipeline.models import Letterhead, Quote
from crm.pipeline.refusals import ApprovalNeeded, DealClosed, NothingPromised, QuotesStay
from integration.contracts.customers import CustomerRegistered
from tests.crm.makers import account, deal, offered, user
from tests.helpers import emitted

D = Decimal


def offer(discount="0.1", **fields):
    offered()
    return deal(("CHAI", "5", discount), by=user("rep", name="anna"), **fields)


@pytest.mark.django_db
def test_each_version_keeps_what_was_offered_while_the_deal_goes_on():
    some = offer(of=account("Ernst Handel", city="Graz"), freight=D("7.50"))
    first = quotes.make(some, by=some.owner, note="As discussed")
    pipeline.change_line(some.lines.get(), by=some.owner, discount=D("0.2"))
    accounts.update_account(some.account, name="Ernst Handel AG")

    second = quotes.make(some, by=some.owner)

    rows = [(one.number, one.net_total, one.buyer["name"], paper.rows(one)[0]["discount"]) for one in (first, second)]
    assert rows == [
        (f"{some.number}-1", D("81.00"), "Ernst Handel", D("0.1")),
        (f"{some.number}-2", D("72.00"), "Ernst Handel AG", D("0.2")),
    ]
    assert len(emitted(CustomerRegistered)) == 1
    assert quotes.differs(first, some, approvals.lines_of(some))
    assert not quotes.differs(Quote.objects.get(version=2), some, approvals.lines_of(some))


@pytest.mark.django_db
def test_nothing_is_offered_that_may_not_be_promised():
    deep = offer("0.3")
    with pytest.raises(ApprovalNeeded):
        quotes.make(deep, by=deep.owner)
    with pytest.raises(NothingPromised):
        quotes.make(deal(), by=deep.owner)
    with pytest.raises(BadInput):
        quotes.make(offer(), by=deep.owner, valid_until=timezone.localdate() - timedelta(days=1))
    lost = offer()
    pipeline.lose(lost, "too dear")
    with pytest.raises(DealClosed):
        quotes.make(lost, by=lost.owner)

    assert Quote.objects.count() == 0


@pytest.mark.django_db
def test_a_deal_that_was_offered_is_not_taken_back_as_if_it_had_never_been():
    some = offer()
    quotes.make(some, by=some.owner)

    with pytest.raises(QuotesStay):
        pipeline.remove_deal(some)


@pytest.mark.django_db
def test_the_database_keeps_quotes_and_lets_no_total_lie():
    some = offer()
    quotes.make(some, by=some.owner)
    copied = (
        "INSERT INTO pipeline_quote SELECT gen_random_uuid(), {version}, currency, lines, freight, {total}, deposit, "
        "requested_on, payment_days, valid_until, note, buyer, seller, made_on, created_at, deal_id, made_by_id "
        "FROM pipeline_quote"
    )
    attempts = [
        "UPDATE pipeline_quote SET note = 'else'",
        "DELETE FROM pipeline_quote",
        copied.format(version=3, total="net_total"),
        copied.format(version=2, total="net_total + 1"),
    ]
    for statement in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            connection.cursor().execute(statement)
    connection.cursor().execute(copied.format(version=2, total="net_total"))  # the statement itself is a good one


@pytest.mark.django_db(transaction=True)
def test_of_quotes_made_at_once_each_has_a_version_of_its_own():
    some, ready, versions = offer(), threading.Barrier(6), []

    def make():
        ready.wait()
        versions.append(quotes.make(some, by=some.owner).version)
        connection.close()

    rivals = [threading.Thread(target=make) for _rival in range(6)]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()

    assert sorted(versions) == [1, 2, 3, 4, 5, 6]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"), [("en", ("Quote", "Valid until", "Total without tax")), ("zh-hans", ("报价单", "有效期至"))]
)
def test_it_is_printed_in_both_languages_from_what_it_keeps(client, language, words):
    Letterhead.objects.create(name="Heming Tea", address="Hafenstr. 1\n20457 Hamburg", small_print="HRB 1")
    some = offer(of=account("杭州和明有限公司", street="Obere Str. 57", city="Berlin"))
    quote = quotes.make(some, by=some.owner, note="As discussed")
    Letterhead.objects.update(name="Another name")
    client.force_login(some.owner)

    answer = client.get(reverse("pipeline:quote-pdf", args=[quote.pk, language]))
    over_api = client.get(f"/api/v1/quotes/{quote.pk}/document/?language={language}")

    for made in (answer, over_api):
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(made.content)).pages)
        facts = (quote.number, "Heming Tea", "杭州和明有限公司", "Obere Str. 57", "As discussed", "81.00", "HRB 1")
        assert [word for word in (*words, *facts) if word not in text] == []


@pytest.mark.django_db
def test_from_the_deal_a_quote_takes_two_taps_and_the_page_tells_when_it_is_old(client):
    some = offer()
    client.force_login(some.owner)
    page = reverse("pipeline:detail", args=[some.pk])
    sheet = client.get(reverse("pipeline:quote-new", args=[some.pk]), HTTP_HX_REQUEST="true")
    made = client.post(reverse("pipeline:quote-new", args=[some.pk]), {"valid_until": "", "note": ""})
    shown = client.get(made["Location"])
    fresh = client.get(page).context["quote_is_old"]
    pipeline.change_line(some.lines.get(), by=some.owner, quantity=D(6))

    assert (sheet.status_code, made.status_code, shown.status_code) == (200, 302, 200)
    assert (fresh, client.get(page).context["quote_is_old"]) == (False, True)


@pytest.mark.django_db
def test_over_the_api_a_quote_is_made_and_read_and_nothing_else(client):
    some = offer()
    client.force_login(some.owner)
    made = client.post("/api/v1/quotes/", {"deal": str(some.pk), "note": "Hello"}, "application/json")
    where = f"/api/v1/quotes/{made.json()['id']}/"

    changed = client.patch(where, {"note": "else"}, "application/json")

    told = made.json()
    assert (made.status_code, told["version"], told["net_total"], told["lines"][0]["discount"]) == (
        201, 1, "81.00", "0.100000",
    )  # fmt: skip
    assert (changed.status_code, client.get(where).json()["note"]) == (405, "Hello")
