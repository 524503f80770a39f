"""A gap behind what the feed tells again: the owner tells the record anew, or a person hears of it by name."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from integration import signing
from integration.hub import alerting, bridging, reconciling, services, telling
from integration.hub.models import Case, Comparison, Delivery, Pause, Route
from integration.lanes import WorkState
from integration.liaison.asking import NoAnswer
from tests.integration.hub.facts import archived_at, customer, updated
from tests.integration.hub.sides import answering
from tests.integration.wire import as_side

pytestmark = pytest.mark.django_db
SKIPPED = "integration.event.skipped.v1"


@pytest.fixture
def olga(django_user_model):
    user = django_user_model.objects.create_user("olga")
    user.groups.add(Group.objects.get(name="operator"))
    return user


@pytest.fixture
def key():
    """A customer of three events, all of them delivered, and longer ago than anything is told again; a hub so old is
    compared with its sides every night."""
    for subject in reconciling.SUBJECTS:
        Comparison.objects.create(subject=subject, ended_at=timezone.now())
    fact = customer()
    told = (fact, updated(fact.customer), updated(fact.customer, version=3))
    events = archived_at(timezone.now() - bridging.KEPT - timedelta(days=1), *zip(told, (1, 2, 3), strict=True))
    for event in events:
        telling.deliver(event, Route.objects.get(contract=event.type, destination="erp"))
    Delivery.objects.update(state=WorkState.DONE)
    return f"customer:{fact.customer}"


def ask(client, key, after):
    """The ERP asks the feed; the status, and what it is told by number and kind."""
    path = f"/events/feed?{urlencode({'direction': 'crm>erp', 'partition_key': key, 'after': after})}"
    with as_side("erp"):
        headers = signing.hop_headers(path.encode(), "msg_1")
    headers.pop("content-type")
    answer = client.get(path, headers=headers)
    items = json.loads(answer.content)["deliveries"] if answer.status_code == 200 else []
    hops = [signing.parse_item(one, "integration", "erp") for one in items]
    return answer.status_code, [(hop.routeseq, json.loads(hop.envelope.body)["type"]) for hop in hops]


def test_what_is_too_old_is_a_case_that_names_the_record_however_often_it_is_asked_for(client, key):
    asked = [ask(client, key, 1) for _time in range(3)]

    case = Case.objects.get()
    assert asked == [(410, [])] * 3
    assert (case.cause, case.source, case.about, case.hits) == ("too-old", "crm", key, 3)
    assert [(one.kind, key in one.text) for one in alerting.troubles()] == [("case", True)]
    assert ask(client, key, 3) == (204, [])


def test_the_owner_tells_it_anew_and_notes_bridge_the_gap(client, key):
    ask(client, key, 1)

    with answering("crm", tell={"count": 1}) as asked:
        assert [bridging.try_waiting(), bridging.try_waiting()] == [1, 0]

    assert [(one["ask"], one["told"]) for one in asked] == [("tell", {"about": key})]
    assert ask(client, key, 1) == (200, [(2, SKIPPED), (3, SKIPPED)])
    assert (Case.objects.get().state, Pause.objects.active().count()) == ("closed", 0)
    assert ask(client, key, 0) == (410, [])  # the side has lost one more: that is another case


def away(why, asked):
    def answer(*words, **_told):
        asked.append(words)
        raise NoAnswer(why)

    return answer


def test_an_owner_that_is_away_is_asked_again_and_one_that_cannot_is_not(client, key):
    ask(client, key, 1)
    asked = []

    for why in ("crm does not answer", "crm says no (422): nothing to tell", "crm says no (422): nothing to tell"):
        assert bridging.try_waiting(away(why, asked)) == 0

    assert len(asked) == 2
    assert [row["field"] for row in Case.objects.get().differences] == ["erp", "crm"]
    assert ask(client, key, 1) == (410, [])


def test_a_person_may_go_on_without_it(client, key, olga):
    ask(client, key, 1)

    services.decide(Case.objects.get(), "step_over", olga, "nobody needs it")

    assert ask(client, key, 1) == (200, [(2, SKIPPED), (3, SKIPPED)])
    assert Pause.objects.active().count() == 0


def test_a_person_may_have_it_told_once_more(client, key, olga):
    ask(client, key, 1)

    with answering("crm", tell={"count": 1}):
        services.decide(Case.objects.get(), "tell_anew", olga, "it is there again")

    assert ask(client, key, 1) == (200, [(2, SKIPPED), (3, SKIPPED)])


def test_what_has_not_been_handed_over_yet_is_the_relays(client, key):
    Delivery.objects.update(state=WorkState.WAITING)

    assert ask(client, key, 1) == (204, [])
    assert not Case.objects.exists()
