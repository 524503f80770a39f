"""A grant that is withdrawn: from that moment the side gets nothing more, and no number is missing."""

import json
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group

from integration import courier, signing
from integration.contracts.credit import CreditLimited
from integration.hub import routing, sending
from integration.hub.models import Archived, Delivery, Grant, Phase, Route
from integration.lanes import WorkState
from integration.receive import check
from integration.signing import parse_item
from tests.integration.hub.facts import claimable, customer, party, tell
from tests.integration.hub.sides import taking
from tests.integration.wire import as_side

pytestmark = pytest.mark.django_db
SKIPPED = "integration.event.skipped.v1"
FIGURE = b"7777"


@pytest.fixture
def ada(django_user_model):
    user = django_user_model.objects.create_user("ada")
    user.groups.add(Group.objects.get(name="admin"))
    return user


@pytest.fixture
def key(client, ada):
    """A customer whose limit was told the CRM three times: it has the first, the second is parked, the third waits."""
    buyer = customer()
    tell(client, buyer)
    tell(client, party(buyer.customer))
    routing.grant(CreditLimited.type, "crm", ada, "the board decided")
    routing.switch(Route.objects.get(contract=CreditLimited.type), Phase.ON)
    for seq in (2, 3, 4):
        fact = CreditLimited(customer=buyer.customer, party="C00001", limit=Decimal("7777"), currency="EUR")
        tell(client, fact, seq)
    Delivery.objects.filter(destination="erp").delete()
    Delivery.objects.filter(position__lte=2).update(state=WorkState.DONE)
    Delivery.objects.filter(position=3).update(state=WorkState.PARKED, attempts=26, answered=422)
    return f"customer:{buyer.customer}"


def withdraw(ada):
    routing.withdraw_grant(Grant.objects.get(), ada, "the audit is over")


def fed(client, key):
    """What the CRM gets that asks again from the start, checked as it checks."""
    path = f"/events/feed?{urlencode({'direction': 'erp>crm', 'partition_key': key, 'after': 0})}"
    with as_side("crm"):
        headers = signing.hop_headers(path.encode(), "msg_1")
    headers.pop("content-type")
    sender, to, items, _value = signing.parse_wrapper(client.get(path, headers=headers).content)
    with as_side("crm"):
        return [check(parse_item(item, sender, to)) for item in items]


def relayed(rows, status, words=None):
    """What a relay that has claimed these hands over, and what it makes of the answer."""
    with taking("crm", status, words) as bodies:
        outcomes = sending.sender("crm", courier.Circuit("crm"))(rows)
    return bodies, [outcome.verdict for outcome in outcomes]


def test_what_waits_or_is_parked_becomes_a_note_at_its_number(client, ada, key):
    withdraw(ada)

    rows = Delivery.objects.exclude(state=WorkState.DONE).order_by("position")
    assert [(row.event.type, row.position, row.state, row.replaces.type) for row in rows] == [
        (SKIPPED, 3, "waiting", CreditLimited.type),
        (SKIPPED, 4, "waiting", CreditLimited.type),
    ]
    assert claimable() == ["integration.event.skipped"] * 2


def test_the_feed_tells_notes_also_of_what_the_side_had_before(client, ada, key):
    before = fed(client, key)
    withdraw(ada)

    after = fed(client, key)

    assert [one.event.type for one in before] == ["erp.party.opened.v1", CreditLimited.type]
    assert [(one.hop.routeseq, one.event.type) for one in after] == [
        (1, "erp.party.opened.v1"), (2, SKIPPED), (3, SKIPPED), (4, SKIPPED),
    ]  # fmt: skip
    assert FIGURE not in b"".join(one.hop.envelope.body for one in after)
    assert [one.event.id for one in fed(client, key)] == [one.event.id for one in after]
    assert Archived.objects.filter(type=SKIPPED).count() == 3
    assert Delivery.objects.get(position=2).event.type == CreditLimited.type


def test_what_a_relay_has_in_its_hands_is_not_handed_over(client, ada, key):
    Delivery.objects.filter(position=4).update(attempts=1)
    claimed = list(Delivery.objects.filter(position=4))
    withdraw(ada)
    assert Delivery.objects.get(position=4).event.type == CreditLimited.type  # it may be travelling

    (body,), _verdicts = relayed(claimed, 202)

    assert (json.loads(body)["type"], FIGURE in body) == (SKIPPED, False)
    assert Delivery.objects.get(position=4).event.type == SKIPPED
    assert [one.event.id for one in fed(client, key)][-1] == Delivery.objects.get(position=4).event_id


def test_what_is_granted_is_handed_over_as_it_was_told(client, ada, key):
    (body,), _verdicts = relayed(list(Delivery.objects.filter(position=4)), 202)

    assert FIGURE in body


@pytest.mark.parametrize(("expected", "verdict", "kind"), [(5, "done", CreditLimited.type), (2, "again", SKIPPED)])
def test_a_note_for_what_had_come_there_unanswered_holds_nothing_up(client, ada, key, expected, verdict, kind):
    Delivery.objects.filter(position=4).update(attempts=1, error="crm does not answer: ReadTimeout")
    withdraw(ada)
    said = {"code": "sequence-gap", "detail": f"expected {expected} of {key}, got 4"}

    _bodies, verdicts = relayed(list(Delivery.objects.filter(position=4)), 409, said)

    assert (verdicts, Delivery.objects.get(position=4).event.type) == ([verdict], kind)
