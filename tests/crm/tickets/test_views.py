from uuid import uuid4

import pytest

from crm.tickets import services
from crm.tickets.models import ReturnRequest, Ticket
from integration.contracts.returns import ReturnAuthorised
from tests.crm.makers import account, user
from tests.crm.tickets.makers import shipped, ticket
from tests.helpers import deliver, page_queries

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def as_(client, *roles):
    client.force_login(user(*roles))
    return client


def numbers(answer):
    return [one.number for one in answer.context["page"].rows]


def test_queues_hold_what_their_name_says(client):
    agent = as_(client, "agent")
    mine, free, waiting, solved = (ticket(account(name)) for name in "ABCD")
    services.assign(mine, user("agent"))
    services.reply(waiting, "Which lot?", by=user("rep"), wait=True)
    services.solve(solved)

    queues = {name: numbers(agent.get("/tickets/", {"queue": name})) for name in ("mine", "new", "waiting", "solved")}

    assert queues == {
        "mine": [mine.number],
        "new": [free.number],
        "waiting": [waiting.number],
        "solved": [solved.number],
    }
    assert numbers(agent.get("/tickets/")) == [mine.number]
    assert numbers(agent.get("/tickets/", {"q": solved.number})) == [solved.number]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three_tickets(client, django_assert_num_queries, count):
    for number in range(count):
        services.assign(ticket(account(f"Account {number}")), user("rep", name=f"rep{number}"))
    as_(client, "agent").get("/tickets/?queue=open")

    with django_assert_num_queries(page_queries(2)):
        client.get("/tickets/?queue=open")


def test_a_ticket_is_opened_once_from_its_account(client):
    customer, key = account(), str(uuid4())
    body = {"subject": "Broken", "text": "Three jars", "priority": "high", "idempotency_key": key}
    agent = as_(client, "agent")

    answers = [agent.post(f"/tickets/new/{customer.pk}/", body, headers=HTMX) for _again in range(2)]

    assert [answer["HX-Redirect"] for answer in answers] == [f"/tickets/{key}/"] * 2
    assert [(one.subject, one.priority) for one in Ticket.objects.all()] == [("Broken", "high")]


def test_the_conversation_shows_who_said_what(client):
    one = ticket(text="Three jars came broken")
    services.reply(one, "Second time this month", by=user("rep"), visibility="internal")

    page = as_(client, "agent").get(f"/tickets/{one.pk}/").content.decode()

    assert page.index("Three jars came broken") < page.index("Second time this month")
    assert "talk__word--internal" in page


def test_an_answer_is_sent_once_and_the_form_comes_back_empty(client):
    one, key = ticket(), str(uuid4())
    agent = as_(client, "agent")
    body = {"body": "Sorry!", "speaker": "answer", "wait": "on", "idempotency_key": key}

    for _again in range(2):
        answer = agent.post(f"/tickets/{one.pk}/reply/", body, headers=HTMX)
    assert (answer.status_code, answer["HX-Trigger"], b"Sorry!" in answer.content) == (200, "changed", False)
    assert (one.messages.count(), Ticket.objects.get().state) == (1, "waiting")

    empty = agent.post(f"/tickets/{one.pk}/reply/", {"body": "", "speaker": "answer"}, headers=HTMX)
    assert empty.status_code == 422


def test_the_page_asks_for_itself_and_gets_news_only(client):
    one = ticket()
    agent = as_(client, "agent")
    revision = agent.get(f"/tickets/{one.pk}/live/").context["revision"]

    def ask():
        return agent.get(f"/tickets/{one.pk}/live/", {"revision": revision})

    assert ask().status_code == 204
    services.reply(one, "News", by=user("rep"))
    assert b"News" in ask().content


def test_a_return_is_asked_for_and_followed_live(client):
    deal = shipped("CHAI", "5")
    one, key = ticket(deal.account), str(uuid4())
    agent = as_(client, "agent")
    sheet = agent.get(f"/tickets/{one.pk}/return/")
    assert b"at most 5 of 5 shipped" in sheet.content

    body = {"line_0": "2", "reason": "Wet", "idempotency_key": key}
    for _again in range(2):
        assert agent.post(f"/tickets/{one.pk}/return/", body, headers=HTMX).status_code == 204
    revision = agent.get(f"/tickets/{one.pk}/live/").context["revision"]
    deliver(ReturnAuthorised(request=ReturnRequest.objects.get().pk, number="RMA-000001", instructions="By post"))
    news = agent.get(f"/tickets/{one.pk}/live/", {"revision": revision}).content.decode()

    assert "RMA-000001" in news
    assert "By post" in news


def test_too_much_is_refused_at_its_field(client):
    deal = shipped("CHAI", "5")
    answer = as_(client, "agent").post(
        f"/tickets/{ticket(deal.account).pk}/return/", {"line_0": "6", "reason": "Wet"}, headers=HTMX
    )

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["line_0"])
    assert not ReturnRequest.objects.exists()


def test_without_parcels_there_is_nothing_to_return(client):
    assert b"Nothing was shipped yet" in as_(client, "agent").get(f"/tickets/{ticket().pk}/return/").content


def test_taking_giving_and_solving(client):
    one = ticket()
    agent = as_(client, "agent")

    agent.post(f"/tickets/{one.pk}/take/")
    assert Ticket.objects.get().assignee.username == "agent"
    agent.post(f"/tickets/{one.pk}/assign/", {"assignee": user("rep", name="anna").pk, "priority": "urgent"})
    assert (Ticket.objects.get().assignee.username, Ticket.objects.get().priority) == ("anna", "urgent")
    agent.post(f"/tickets/{one.pk}/solve/")
    agent.post(f"/tickets/{one.pk}/solve/")
    assert Ticket.objects.get().state == "solved"
    agent.post(f"/tickets/{one.pk}/reopen/")
    assert Ticket.objects.get().state == "open"


def test_changes_are_posts(client):
    one = ticket()
    for verb in ("take", "solve", "reply", "assign"):
        assert as_(client, "agent").get(f"/tickets/{one.pk}/{verb}/").status_code == 405


def test_guests_see_no_ticket(client):
    one = ticket()
    client.force_login(user(name="guest"))

    for path in ("", "live/", "return/"):
        assert client.get(f"/tickets/{one.pk}/{path}").status_code == 403
