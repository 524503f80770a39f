"""A discount beyond the limit: asked for with a word why, given by somebody else, and the database knows."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from base.refusals import ChangedMeanwhile, NotAllowed, Refused
from crm.access.models import Notice, Team
from crm.access.services import set_team
from crm.pipeline import approvals
from crm.pipeline import services as pipeline
from crm.pipeline.models import Deal, PriceApproval
from crm.pipeline.refusals import AnsweredAlready, ApprovalNeeded, NothingToApprove, OwnPrice, ReasonMissing
from tests.crm.makers import account, deal, offered, user

D = Decimal
HTMX = {"HTTP_HX_REQUEST": "true"}


def url(name, *args):
    return reverse(f"pipeline:{name}", args=args)


def beyond(discount="0.3", by=None, **fields):
    """A rep's deal whose one line is beyond the limit of 25 %."""
    offered()
    return deal(("CHAI", "5", discount), by=by or user("rep", name="anna"), **fields)


def told(person):
    return [notice.text for notice in Notice.objects.filter(user=person).order_by("id")]


@pytest.mark.django_db
def test_a_manager_is_told_gives_it_and_the_rep_may_win():
    anna, boss, other = user("rep", name="anna"), user("manager", name="boss"), user("manager", name="other")
    set_team(Team(name="North"), [(anna, False), (boss, True)])
    some = beyond(by=anna, of=account("Ernst Handel"))

    asked = approvals.ask(some, by=anna, why="A rival offers 32 %")
    again = approvals.ask(some, by=anna, why="Once more")
    approvals.give(asked, by=boss)
    won = pipeline.win(some, anna)

    assert (again.pk, won.status) == (asked.pk, "won")
    assert told(boss) == ["anna asks for 30 % off for Ernst Handel: A rival offers 32 %"]
    assert told(anna) == ["boss approved your price for Ernst Handel."]
    assert told(other) == []  # somebody leads her: nobody else need look


@pytest.mark.django_db
def test_where_nobody_leads_the_rep_every_manager_is_asked():
    boss = user("manager", name="boss")
    some = beyond()

    approvals.ask(some, by=some.owner, why="Trial order")

    assert len(told(boss)) == 1


@pytest.mark.django_db
def test_a_refusal_says_why_and_a_new_question_may_follow():
    boss, some = user("manager", name="boss"), beyond()
    asked = approvals.ask(some, by=some.owner, why="Please")

    approvals.refuse(asked, by=boss, answer="Not below cost.")
    second = approvals.ask(some, by=some.owner, why="They take two pallets")

    assert told(some.owner) == ["boss refused your price for Alfreds Futterkiste. Not below cost."]
    assert second.pk != asked.pk
    with pytest.raises(ApprovalNeeded):
        pipeline.win(some, some.owner)


@pytest.mark.django_db
def test_there_must_be_something_to_approve_and_a_reason():
    some = beyond("0.25")  # the limit itself is the rep's own

    with pytest.raises(NothingToApprove):
        approvals.ask(some, by=some.owner, why="Please")
    with pytest.raises(ReasonMissing):
        approvals.ask(some, by=some.owner, why="  ")
    assert pipeline.win(some, some.owner).status == "won"


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"discount": D("0.31")}, {"unit_price": D("17")}, {"quantity": D(1)}])
def test_a_changed_line_asks_again(change):
    boss, some = user("manager", name="boss"), beyond()
    approvals.give(approvals.ask(some, by=some.owner, why="Please"), by=boss)

    pipeline.change_line(some.lines.get(), by=some.owner, **change)

    assert some.lines.get().approved_by is None
    with pytest.raises(ApprovalNeeded):
        pipeline.win(some, some.owner)


@pytest.mark.django_db
def test_nobody_approves_what_they_asked_for_priced_or_own():
    boss, other = user("manager", name="boss"), user("manager", name="other")
    own = beyond(by=boss)
    priced = deal(("CHAI", "5"), by=user("rep", name="anna"))
    pipeline.change_line(priced.lines.get(), by=boss, discount=D("0.4"))
    asked, theirs = approvals.ask(own, by=boss, why="Mine"), approvals.ask(priced, by=priced.owner, why="His price")

    for question in (asked, theirs):
        with pytest.raises(OwnPrice):
            approvals.give(question, by=boss)
    with pytest.raises(OwnPrice):
        pipeline.win(own, boss)
    with pytest.raises(NotAllowed):
        approvals.give(asked, by=user("rep", name="anna"))
    approvals.give(asked, by=other)
    assert pipeline.win(own, boss).status == "won"


@pytest.mark.django_db
def test_a_manager_who_wins_a_colleague_s_deal_agrees_by_doing_so():
    some, boss = beyond(), user("manager", name="boss")
    asked = approvals.ask(some, by=some.owner, why="Please")

    pipeline.win(some, boss)

    asked.refresh_from_db()
    assert (some.lines.get().approved_by, asked.state) == (boss, "lapsed")


@pytest.mark.django_db
def test_the_answer_counts_only_for_what_the_manager_saw():
    boss, some = user("manager", name="boss"), beyond()
    asked, seen = approvals.ask(some, by=some.owner, why="Please"), approvals.mark(some)
    pipeline.change_line(some.lines.get(), by=some.owner, discount=D("0.9"))

    with pytest.raises(ChangedMeanwhile):
        approvals.give(asked, by=boss, seen=seen)
    approvals.give(asked, by=boss, seen=approvals.mark(some))

    assert some.lines.get().approved_by == boss


@pytest.mark.django_db
@pytest.mark.parametrize("end", [lambda some: pipeline.lose(some, "too dear"),
                                 lambda some: pipeline.remove_line(some.lines.get()),
                                 lambda some: pipeline.change_line(some.lines.get(), discount=D("0.1"))])  # fmt: skip
def test_a_question_about_prices_that_are_no_more_lapses(end):
    some = beyond()
    asked = approvals.ask(some, by=some.owner, why="Please")

    end(some)

    asked.refresh_from_db()
    assert (asked.state, asked.answered_by) == ("lapsed", None)
    with pytest.raises(AnsweredAlready):
        approvals.give(asked, by=user("manager", name="boss"))


@pytest.mark.django_db
def test_another_list_price_takes_the_approval_away():
    offered("CHAI", ("14.40", date(1996, 7, 1)), ("18.00", date(1997, 4, 1)))
    some, boss = deal(("CHAI", "5", "0", "10.00"), by=user("rep", name="anna")), user("manager", name="boss")
    approvals.give(approvals.ask(some, by=some.owner, why="Please"), by=boss)

    pipeline.change_deal(some, ordered_on=date(1996, 12, 24))

    assert some.lines.get().approved_by is None


@pytest.mark.django_db
def test_the_database_itself_knows_who_may_promise_what():
    boss, some = user("manager", name="boss"), beyond()
    given = beyond(of=account("Second"))
    approvals.give(approvals.ask(given, by=given.owner, why="Please"), by=boss)
    asked = approvals.ask(some, by=some.owner, why="Please")
    attempts = [
        ("UPDATE pipeline_deal SET status = 'won', won_at = now(), ordered_on = now() WHERE id = %s", [some.pk]),
        ("UPDATE pipeline_dealline SET discount = 0.9, net_amount = 9 WHERE deal_id = %s", [given.pk]),
        ("UPDATE pipeline_dealline SET quantity = 1, net_amount = 12.6 WHERE deal_id = %s", [given.pk]),
        ("UPDATE pipeline_dealline SET approved_by_id = priced_by_id, approved_at = now() WHERE deal_id = %s",
         [some.pk]),
        ("UPDATE pipeline_priceapproval SET state = 'given', answered_by_id = asked_by_id, answered_at = now() "
         "WHERE id = %s", [asked.pk]),
        ("UPDATE pipeline_priceapproval SET why = 'Something else' WHERE id = %s", [asked.pk]),
        ("UPDATE pipeline_priceapproval SET state = 'refused' WHERE state = 'given'", []),
    ]  # fmt: skip
    for statement, facts in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            connection.cursor().execute(statement, facts)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("price", "discount"), [("13.50", "0"), ("13.49", "0"), ("18", "0.25"), ("18", "0.250001"), ("6.333333", "0.1")]
)
def test_the_database_draws_the_line_where_python_does(price, discount):
    offered()
    some = deal(("CHAI", "5", discount, price), by=user("rep", name="anna"))
    line = some.lines.get()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pipeline_line_beyond(list_price, unit_price, discount, 0.25) FROM pipeline_dealline WHERE id = %s",
            [line.pk],
        )
        (found,) = cursor.fetchone()

    assert found == line.is_beyond_limit


@pytest.mark.django_db(transaction=True)
def test_of_two_managers_at_once_one_answers_and_of_two_questions_one_is_asked():
    some, bosses = beyond(), [user("manager", name=f"boss{number}") for number in range(4)]
    ids, answers, ready = [], [], threading.Barrier(4)

    def ask():
        ready.wait()
        ids.append(approvals.ask(some, by=some.owner, why="Please").pk)
        connection.close()

    def answer(boss, give):
        ready.wait()
        try:
            asked = PriceApproval.objects.get()
            answers.append(approvals.give(asked, by=boss) if give else approvals.refuse(asked, by=boss))
        except Refused as refusal:
            answers.append(type(refusal))
        finally:
            connection.close()

    for work in ([(ask, ())] * 4, [(answer, (boss, place % 2 == 0)) for place, boss in enumerate(bosses)]):
        rivals = [threading.Thread(target=one, args=args) for one, args in work]
        for rival in rivals:
            rival.start()
        for rival in rivals:
            rival.join()

    asked = PriceApproval.objects.get()
    assert (len(ids), set(ids)) == (4, {asked.pk})
    assert (len(answers), answers.count(AnsweredAlready)) == (4, 3)
    assert (some.lines.get().approved_by is not None) == (asked.state == "given")


@pytest.mark.django_db(transaction=True)
def test_a_price_changed_while_the_deal_is_won_is_either_in_the_promise_or_refused():
    some, boss = beyond(), user("manager", name="boss")
    approvals.give(approvals.ask(some, by=some.owner, why="Please"), by=boss)
    line, ready, said = some.lines.get(), threading.Barrier(2), []

    def work(deed):
        ready.wait()
        try:
            deed()
        except Refused as refusal:
            said.append(refusal.code)
        finally:
            connection.close()

    deeds = [
        lambda: pipeline.win(some, some.owner),
        lambda: pipeline.change_line(line, by=some.owner, discount=D("0.5")),
    ]
    rivals = [threading.Thread(target=work, args=(deed,)) for deed in deeds]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()

    now = Deal.objects.get()
    won = now.status == "won"
    assert (said, now.lines.get().discount) == ((["deal-closed"], D("0.3")) if won else (["approval-needed"], D("0.5")))


@pytest.mark.django_db
def test_two_taps_on_the_phone(client):
    boss = user("manager", name="boss")
    some = beyond(of=account("Ernst Handel"))
    client.force_login(some.owner)
    sheet = client.get(url("approval-ask", some.pk), **HTMX)
    client.post(url("approval-ask", some.pk), {"why": "A rival"}, **HTMX)
    deal_page = client.get(url("detail", some.pk)).content.decode()
    own = client.get(url("approval", PriceApproval.objects.get().pk), **HTMX)

    client.force_login(boss)
    today = client.get(reverse("today:home"))
    asked = today.context["approvals"][0]
    card = client.get(asked.get_absolute_url(), **HTMX)
    client.post(url("approval-give", asked.pk), {"seen": card.context["seen"]})

    assert "A rival" in deal_page
    assert (sheet.status_code, own.context["may_decide"], card.context["may_decide"]) == (200, False, True)
    text = card.content.decode()
    assert [word for word in ("Ernst Handel", "63.00", "−30", "A rival") if word not in text] == []
    assert (PriceApproval.objects.get().state, some.lines.get().approved_by) == ("given", boss)
    assert client.get(url("approvals")).context["approvals"] == []


@pytest.mark.django_db
def test_over_the_api_a_rep_asks_and_only_a_manager_answers(client):
    boss, some = user("manager", name="boss"), beyond()
    client.force_login(some.owner)
    made = client.post("/api/v1/price-approvals/", {"deal": str(some.pk), "why": "Rival"}, "application/json")
    where = f"/api/v1/price-approvals/{made.json()['id']}"
    forbidden = client.post(f"{where}/give/")
    client.force_login(boss)
    given = client.post(f"{where}/give/")
    late = client.post(f"{where}/refuse/", {"answer": "no"}, "application/json")

    assert (made.status_code, forbidden.status_code, given.status_code) == (201, 403, 200)
    assert (given.json()["state"], given.json()["answered_by"]) == ("given", "boss")
    assert (late.status_code, late.json()["code"]) == (409, "answered-already")


@pytest.mark.django_db
def test_every_price_change_is_kept_with_its_reason(client):
    anna = user("rep", name="anna")
    offered()
    line = deal(("CHAI", "5"), by=anna).lines.get()
    client.force_login(anna)
    numbers = {"quantity": "5", "unit_price": "18"}
    client.post(url("line-change", line.pk), {**numbers, "discount": "5"}, **HTMX)
    client.post(url("line-change", line.pk), {**numbers, "discount": "5", "price_reason": "Fair in May"}, **HTMX)
    client.post(url("line-change", line.pk), {**numbers, "discount": "8", "price_reason": "Fair in May"}, **HTMX)
    client.post(url("line-change", line.pk), {**numbers, "discount": "9", "price_reason": "Two pallets"}, **HTMX)

    changes = client.get(url("prices", line.deal_id)).context["changes"]

    assert [(one["by"], one["old"].discount, one["new"].discount, one["why"]) for one in changes] == [
        (anna, D("0.08"), D("0.09"), "Two pallets"),
        (anna, D("0.05"), D("0.08"), ""),
        (anna, D("0"), D("0.05"), "Fair in May"),
    ]
