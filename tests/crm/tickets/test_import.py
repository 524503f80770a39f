"""Tickets and activities from files: tried, run, run again, undone."""

import pytest

from base.refusals import NotFound
from crm.activities.models import Entry
from crm.tickets import services
from crm.tickets.models import Ticket
from tests.crm.makers import account, user
from tests.importing import imported, media, reasons, undone, uploaded

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

TICKETS = """Ticket ID,Customer Name,Ticket Subject,Ticket Description,Ticket Priority,Ticket Status,Assigned to
1,Vins,Tea is late,Where is it?,Critical,Open,anna
2,vins,Wrong bill,,low,Closed,
3,Vins,Question,How long does it keep?,medium,,anna
4,Vins,,No subject,low,Open,
5,Nobody,Hello,,low,Open,
6,Vins,Odd,,low,melted,
"""
CALLS = """activity id,company,type,notes,result,date,next step,next step date
A1,Vins,call,Wants a price list,interested,2025-11-03 10:15,Send it,2025-11-10
A2,Vins,,Pays late,,2025-11-04,,
A3,Vins,meeting,,not_reached,2025-11-05,,
A4,Vins,visit,,,2025-11-05,,
A5,Vins,note,,,2025-11-05,,
"""


def test_tickets_come_with_words_state_and_who_answers() -> None:
    anna = user("agent", name="anna")
    vins = account("Vins")

    imp = imported("tickets", TICKETS, anna)

    assert (imp.counts, [row for row, _why in reasons(imp)]) == ({"new": 3, "error": 3}, [5, 6, 7])
    told = Ticket.objects.order_by("number").values_list("subject", "state", "priority", "assignee__username")
    assert list(told) == [
        ("Tea is late", "open", "urgent", "anna"),
        ("Wrong bill", "solved", "low", None),
        ("Question", "new", "normal", "anna"),
    ]
    assert [ticket.messages.count() for ticket in Ticket.objects.order_by("number")] == [1, 0, 1]
    assert Entry.objects.filter(account=vins, kind="ticket_opened").count() == 3


def test_the_same_tickets_again_change_nothing_and_a_changed_one_is_moved() -> None:
    anna = user("agent", name="anna")
    account("Vins")
    imported("tickets", TICKETS, anna)

    again = imported("tickets", TICKETS, anna)
    moved = imported("tickets", TICKETS.replace("Critical,Open", "high,solved"), anna)

    assert again.counts == {"unchanged": 3, "error": 3}
    assert moved.counts == {"update": 1, "unchanged": 2, "error": 3}
    assert Ticket.objects.filter(subject="Tea is late", state="solved", priority="high").exists()
    assert undone(moved).rows.get(outcome="update").undone is True
    assert Ticket.objects.filter(subject="Tea is late", state="open", priority="urgent").exists()


def test_undone_tickets_go_and_answered_ones_stay() -> None:
    anna = user("agent", name="anna")
    account("Vins")
    imp = imported("tickets", TICKETS, anna)
    services.reply(Ticket.objects.get(subject="Question"), "Two years.", by=anna)

    imp = undone(imp)

    assert [one.subject for one in Ticket.objects.all()] == ["Question"]
    assert imp.rows.filter(undone=True).count() == 2
    assert Entry.objects.filter(kind__startswith="ticket_").count() == 1


def test_activities_come_once_in_the_name_of_whoever_brings_them_and_go_again() -> None:
    maria = user("rep", name="maria")
    vins = account("Vins", owner=maria)

    imp = imported("activities", CALLS, maria)
    again = imported("activities", CALLS, maria)

    assert (imp.counts, again.counts) == ({"new": 3, "error": 2}, {"unchanged": 3, "error": 2})
    assert [why[0][0] for _row, why in reasons(imp)] == ["outcome", "text"]
    found = Entry.objects.filter(account=vins).order_by("occurred_at")
    assert [(one.kind, one.outcome, one.author) for one in found] == [
        ("call", "interested", maria), ("note", "", maria), ("meeting", "not_reached", maria),
    ]  # fmt: skip
    assert str(found[0].next_step_on) == "2025-11-10"
    assert undone(imp).rows.filter(undone=True).count() == 3
    assert not Entry.objects.exists()


def test_tasks_come_open_and_go_again() -> None:
    maria = user("rep", name="maria")
    account("Vins", owner=maria)
    text = (
        "id,company,type,to do,next step date,result\n1,Vins,任务,Send the list,2099-11-10,\n2,Vins,task,,2099-11-10,\n"
        "3,Vins,task,Call back,,interested\n"
    )

    imp = imported("activities", text, maria)

    task = Entry.objects.get()
    assert (imp.counts, task.kind, task.next_step, str(task.next_step_on)) == (
        {"new": 1, "error": 2}, "task", "Send the list", "2099-11-10",
    )  # fmt: skip
    assert [why[0][0] for _row, why in reasons(imp)] == ["next_step", "outcome"]
    assert imported("activities", text, maria).counts == {"unchanged": 1, "error": 2}
    undone(imp)
    assert not Entry.objects.exists()


def test_activities_of_somebody_elses_account_and_resources_of_other_roles_are_refused() -> None:
    maria = user("rep", name="maria")
    account("Vins", owner=user("rep", name="other"))

    imp = imported("activities", CALLS, maria)

    assert imp.counts == {"error": 5}
    with pytest.raises(NotFound):
        uploaded("tickets", TICKETS, maria)
