import pytest

from base.refusals import BadInput, MoveRefused
from crm.accounts import services as accounts
from crm.activities.models import Entry
from crm.tickets import services
from crm.tickets.models import Ticket, TicketMessage
from crm.tickets.services import OfAnotherAccount
from tests.crm.makers import account, user
from tests.crm.tickets.makers import ticket

pytestmark = pytest.mark.django_db


def fresh(one: Ticket) -> Ticket:
    return Ticket.objects.get(pk=one.pk)


def test_a_ticket_has_a_number_and_begins_with_the_customers_words():
    one = ticket(text="Three jars came broken.")

    assert (one.number[:2], one.state, one.assignee) == ("T-", "new", None)
    assert [(word.body, word.from_customer) for word in one.messages.all()] == [("Three jars came broken.", True)]
    assert [entry.kind for entry in Entry.objects.filter(ticket=one.pk)] == ["ticket_opened"]


def test_a_ticket_needs_a_subject():
    with pytest.raises(BadInput) as refused:
        ticket(subject="  ")

    assert refused.value.field == "subject"


def test_a_doubled_form_opens_one_ticket():
    one = ticket()
    again = services.open_ticket(one.account, "Broken jars", by=user("agent"), id=one.pk)

    assert (again.pk, Ticket.objects.count()) == (one.pk, 1)


def test_the_contact_belongs_to_the_account():
    stranger = accounts.add_contact(account("Other"), name="Roland Mendel")

    with pytest.raises(OfAnotherAccount) as refused:
        ticket(account(), contact=stranger)

    assert str(refused.value) == "Roland Mendel does not belong to Alfreds Futterkiste."


def test_who_answers_first_has_the_ticket():
    one, agent = ticket(), user("agent", name="ann")

    services.reply(one, "We look into it.", by=agent)

    assert (fresh(one).state, fresh(one).assignee) == ("open", agent)


def test_an_answer_may_leave_the_ticket_waiting_and_the_customers_word_opens_it():
    one, agent = ticket(), user("agent")

    services.reply(one, "Which lot is it?", by=agent, wait=True)
    assert fresh(one).state == "waiting"

    services.reply(one, "Lot 7.", by=agent, from_customer=True)
    assert fresh(one).state == "open"


def test_an_internal_note_moves_nothing():
    one = ticket()

    services.reply(one, "Third time this month.", by=user("agent"), visibility="internal")

    assert (fresh(one).state, fresh(one).assignee) == ("new", None)


def test_the_customers_word_is_never_internal():
    with pytest.raises(BadInput):
        services.reply(ticket(), "Hello", by=user("agent"), visibility="internal", from_customer=True)


def test_a_doubled_message_is_one():
    one, agent = ticket(), user("agent")
    first = services.reply(one, "We look into it.", by=agent)
    services.reply(one, "We look into it.", by=agent, id=first.pk)

    assert TicketMessage.objects.count() == 1


def test_solved_is_told_on_the_timeline_and_can_be_reopened():
    one = ticket()

    services.solve(one)
    assert (fresh(one).state, fresh(one).solved_at is None) == ("solved", False)
    assert Entry.objects.filter(ticket=one.pk, kind="ticket_solved").count() == 1

    services.reopen(one)
    assert (fresh(one).state, fresh(one).solved_at) == ("open", None)


@pytest.mark.parametrize(("verb", "message"), [("solve", "cannot be solved"), ("wait", "cannot be set to waiting")])
def test_a_solved_ticket_does_not_move_on(verb, message):
    one = services.solve(ticket())

    with pytest.raises(MoveRefused) as refused:
        getattr(services, verb)(one)

    assert message in str(refused.value)
    assert fresh(one).state == "solved"


def test_taking_a_new_ticket_opens_it():
    one, agent = ticket(), user("agent")

    services.assign(one, agent)

    assert (fresh(one).state, fresh(one).assignee) == ("open", agent)


def test_tickets_are_seen_by_who_sees_the_account():
    one = ticket()

    assert list(Ticket.objects.visible_to(user("rep"))) == [one]
    assert list(Ticket.objects.visible_to(user(name="guest"))) == []
