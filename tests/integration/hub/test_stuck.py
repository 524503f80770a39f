"""What a side took and cannot apply, for another record never came there, is a case with choices that act."""

import json

import pytest
from django.contrib.auth.models import Group

from integration.hub import alerting, services, stuck
from integration.hub.models import Archived, Case, Delivery, Pause
from integration.hub.refusals import SideAway
from integration.lanes import WorkState
from integration.signing import check_origin, parse_item
from tests.integration.hub.facts import catalogue, tell, won
from tests.integration.hub.sides import answering

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(django_user_model):
    user = django_user_model.objects.create_user("olga")
    user.groups.add(Group.objects.get(name="operator"))
    return user


@pytest.fixture
def event(client):
    """A deal that the ERP has taken."""
    catalogue(client)
    told = tell(client, won())
    Delivery.objects.filter(event=told).update(state=WorkState.DONE)
    return told


def heard(*events):
    """The ERP tells that these wait for a customer in vain."""
    stuck.look([{"side": "erp", "awaiting": [[str(one.pk), "customer 7"] for one in events], "awaiting_all": True}])


def test_it_is_one_case_that_holds_the_record_and_is_told(event):
    for _round in range(3):
        heard(event)

    case = Case.objects.get()
    assert (case.cause, case.event, case.about, case.hits, case.key) == (
        "awaiting", event, event.partition_key, 1, "erp",
    )  # fmt: skip
    assert case.differences == [{"field": "erp", "said": "customer 7", "held": ""}]
    assert Pause.objects.active().get().target == f"crm {event.partition_key}"
    assert [(one.kind, one.subject) for one in alerting.troubles()] == [("case", str(case.pk))]


def test_it_closes_by_itself_when_the_side_has_applied_it(event):
    heard(event)

    stuck.look([])  # the side is away: nobody knows
    assert Case.objects.unsettled().count() == 1
    heard()

    assert (Case.objects.unsettled().count(), Pause.objects.active().count()) == (0, 0)


def test_it_is_tried_again_there(event, olga):
    heard(event)

    with answering("erp", again={"count": 1}) as asked:
        services.decide(Case.objects.get(), "retry", olga, "the customer has come")

    assert [(one["ask"], one["told"]) for one in asked] == [("again", {"event": str(event.pk)})]
    assert (Case.objects.get().state, Pause.objects.active().count()) == ("closed", 0)


def test_it_is_left_out_by_a_signed_note_at_its_number(event, olga):
    heard(event)

    with answering("erp", leave_out={"count": 1}) as asked:
        services.decide(Case.objects.get(), "skip", olga, "the deal was a trial")

    (told,) = (one["told"] for one in asked)
    hop = parse_item(json.loads(told["note"]), "integration", "erp")
    said = json.loads(hop.envelope.body)
    check_origin(hop.envelope, "integration")
    delivery = Delivery.objects.get(replaces=event)
    assert (told["event"], hop.route, hop.routeseq) == (str(event.pk), "crm>erp", delivery.position)
    assert (said["data"]["event"], said["data"]["reason"]) == (str(event.pk), "the deal was a trial")
    assert (str(delivery.event_id), delivery.state) == (said["id"], "done")


@pytest.mark.parametrize("choice", ["retry", "skip"])
def test_a_side_that_is_away_leaves_the_case_open(event, olga, choice):
    heard(event)
    before = Archived.objects.count()

    with pytest.raises(SideAway):
        services.decide(Case.objects.get(), choice, olga, "now")

    assert (Case.objects.get().state, Archived.objects.count()) == ("open", before)


def test_the_owner_may_be_asked(event, olga):
    heard(event)

    services.decide(Case.objects.get(), "ask", olga, "where is the customer?")

    assert Archived.objects.get(pk=Case.objects.get().asked_event).type == "integration.amendment.requested.v1"
