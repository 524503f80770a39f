import pytest
from rest_framework.test import APIClient

from crm.tickets.models import ReturnRequest, Ticket
from integration.contracts.returns import ReturnRequested
from tests.crm.makers import account, user
from tests.crm.tickets.makers import shipped, ticket
from tests.helpers import emitted

pytestmark = pytest.mark.django_db


def api(*roles: str) -> APIClient:
    client = APIClient()
    client.force_authenticate(user(*roles))
    return client


def test_a_ticket_is_opened_answered_and_solved():
    agent, customer = api("agent"), account()
    made = agent.post("/api/v1/tickets/", {"account": str(customer.pk), "subject": "Broken", "text": "Three jars"})
    at = f"/api/v1/tickets/{made.json()['id']}/"

    assert (made.status_code, made.json()["state"], made.json()["messages"][0]["body"]) == (201, "new", "Three jars")
    answer = agent.post(f"{at}messages/", {"body": "Sorry!", "wait": True})
    assert (answer.status_code, answer.json()["author"]) == (201, "agent")
    assert agent.get(at).json()["state"] == "waiting"
    assert agent.post(f"{at}solve/").json()["state"] == "solved"
    assert agent.post(f"{at}solve/").json()["code"] == "move-refused"
    assert agent.post(f"{at}reopen/").json()["state"] == "open"
    assert [word["body"] for word in agent.get(f"{at}messages/").json()] == ["Three jars", "Sorry!"]


def test_a_return_is_asked_for_on_a_ticket():
    deal = shipped("CHAI", "5")
    one = ticket(deal.account)
    body = {"deal": str(deal.pk), "reason": "Broken", "lines": [{"sku": "CHAI", "quantity": "2"}]}

    answer = api("agent").post(f"/api/v1/tickets/{one.pk}/returns/", body, headers={"Idempotency-Key": "r1"})
    again = api("agent").post(f"/api/v1/tickets/{one.pk}/returns/", body, headers={"Idempotency-Key": "r1"})

    assert (answer.status_code, answer.json()["status"]) == (201, "requested"), answer.json()
    assert again.json()["id"] == answer.json()["id"]
    assert len(emitted(ReturnRequested)) == 1
    listed = api("rep").get(f"/api/v1/tickets/{one.pk}/returns/").json()
    assert [(wish["id"], wish["lines"][0]["quantity"]) for wish in listed] == [(answer.json()["id"], "2.0000")]


def test_too_much_is_a_problem_in_words():
    deal = shipped("CHAI", "5")
    body = {"deal": str(deal.pk), "reason": "Broken", "lines": [{"sku": "CHAI", "quantity": "6"}]}

    answer = api("agent").post(f"/api/v1/tickets/{ticket(deal.account).pk}/returns/", body)

    assert (answer.status_code, answer.json()["code"]) == (422, "more-than-shipped")
    assert not ReturnRequest.objects.exists()


@pytest.mark.parametrize("lines", [[], [{"sku": "CHAI", "quantity": "0"}], [{"sku": "CHAI", "quantity": "x"}], None])
def test_bad_lines_change_nothing(lines):
    deal = shipped("CHAI", "5")
    body = {"deal": str(deal.pk), "reason": "Broken", "lines": lines}

    assert api("agent").post(f"/api/v1/tickets/{ticket(deal.account).pk}/returns/", body).status_code == 422
    assert not ReturnRequest.objects.exists()


def test_taking_and_giving_away():
    agent, one = api("agent"), ticket()

    assert agent.post(f"/api/v1/tickets/{one.pk}/take/").json()["assignee"] == "agent"
    user("rep", name="anna")
    given = agent.patch(f"/api/v1/tickets/{one.pk}/", {"assignee": "anna", "priority": "high"})
    assert (given.json()["assignee"], given.json()["priority"]) == ("anna", "high")


def test_without_a_role_there_is_nothing():
    one = ticket()

    assert api().get(f"/api/v1/tickets/{one.pk}/").status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three_tickets(django_assert_num_queries, count):
    for number in range(count):
        ticket(account(f"Account {number}"), text="Hello")
    agent = api("agent")

    with django_assert_num_queries(2):
        assert len(agent.get("/api/v1/tickets/").json()["results"]) == count
    assert Ticket.objects.count() == count
