"""Events that are odd inside and rightly signed outside: refused or taken, never a 500, nor a 503 that comes back."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from base.ids import uuid7
from integration import signing
from integration.contracts.customers import CustomerRegistered, CustomerSnapshot
from integration.events import BadEvent, strict_json
from integration.hub.models import Archived
from tests.integration.wire import HandOver, as_side, signed

pytestmark = pytest.mark.django_db
FUZZ = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
HEAD = ["id", "source", "type", "time", "partitionkey", "aggregateseq", "correlationid", "causationid", "backfill"]
FACTS = ["name", "email", "phone", "tax_id", "people", "address", "version", "external_ref"]
# As text of JSON: what no parser of ours made.
UNKEPT = ['"\\ud800"', '"\\udc00 x"', '"\\u0000"', '"a\\u0000b"']
ODD = [*UNKEPT, '"\\ud83d\\ude00"', "null", "[]", "{}", "-1", "1e400", "9" * 400, '""']


def event(**texts):
    """A customer's registration with these JSON texts in place of what stood there; a fact's name or an attribute's."""
    customer = uuid7()
    told = json.loads(
        signed(CustomerRegistered(customer=customer, snapshot=CustomerSnapshot(customer=customer, name="A"))).body
    )
    marks = {}
    for number, (name, text) in enumerate(texts.items()):
        place = told["data"]["snapshot"] if name in FACTS else told
        place[name] = f"@{number}@"
        marks[f'"@{number}@"'] = text
    body = json.dumps(told)
    for mark, text in marks.items():
        body = body.replace(mark, text)
    return body.encode()


def brought(client, body):
    with as_side("crm"):
        envelope = signing.seal(body)
    return HandOver(envelope, sender="crm", to="integration").post(client)


@pytest.mark.parametrize("name", ["name", "correlationid", "causationid", "partitionkey"])
@pytest.mark.parametrize("text", UNKEPT)
def test_what_no_database_keeps_is_refused_for_good(client, name, text):
    answer = brought(client, event(**{name: text}))

    assert (answer.status_code, answer.json()["code"]) == (422, "quarantined")
    assert Archived.objects.count() == 0


def test_a_whole_pair_is_an_ordinary_sign(client):
    assert brought(client, event(name='"\\ud83d\\ude00 Ltd"')).status_code == 202


def test_a_backslash_before_a_u_is_no_escape():
    assert strict_json(b'{"path": "C:\\\\u0000"}') == {"path": "C:\\u0000"}
    with pytest.raises(BadEvent):
        strict_json(b'{"\\u0000": 1}')


@FUZZ
@given(
    st.dictionaries(
        st.sampled_from([*HEAD, *FACTS]),
        st.sampled_from(ODD) | st.text(max_size=40).map(json.dumps) | st.integers().map(str),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_stands_in_it(client, texts):
    assert brought(client, event(**texts)).status_code in (200, 202, 401, 409, 422)
