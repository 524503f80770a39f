"""Every operation of the document has the house's manners, and keeps them: versions, limits, keys that do it once."""

import itertools
import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from base.listing.listing import all_listings
from tests.shape.document import operations
from tests.shape.examples import examples

REPLACING = ("PUT", "PATCH", "DELETE")
UNDER_AN_ORDER = "makes a new document under the order, which the order's own quantities guard"
NOT_OF_ONE_RECORD = {
    ("POST", "/api/v1/orders/{order}/invoices/"): UNDER_AN_ORDER,
    ("POST", "/api/v1/orders/{order}/shipments/"): UNDER_AN_ORDER,
}
NO_EXAMPLE = dict.fromkeys(
    (
        ("POST", "/api/v1/cases/{id}/decide/"),
        ("POST", "/api/v1/deliveries/{id}/retry/"),
        ("POST", "/api/v1/events/{event_id}/try/"),
    ),
    "what only an event from a side makes; tests/integration/hub has them",
) | dict.fromkeys(
    [("POST", f"/api/v1/fapiaos/{{id}}/{verb}/") for verb in ("record", "red-letter", "withdraw")],
    "only a company in China has them; tests/erp/fapiao tries a stale version on each",
)


def changing():
    return {where: told for where, told in operations().items() if where[0] != "GET"}


def of_a_record():
    return {where: told for where, told in changing().items() if "{" in where[1] and where not in NOT_OF_ONE_RECORD}


def home(path):
    """The address of the record that an operation is about."""
    return path[: path.rindex("}") + 1] + "/"


def sent(operation):
    return {one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"}


def answered(operation, status):
    return set(operation["responses"].get(status, {}).get("headers", {}))


def filled(path):
    """The path with some number or key for each variable."""
    fills = {"integer": "1", "string": "01a21434-bf84-7eeb-957e-ae0d7d2a0045"}
    told = [one for operation in operations().values() for one in operation.get("parameters", ())]
    kinds = {one["name"]: one["schema"]["type"] for one in told if one["in"] == "path"}
    return re.sub(r"{(\w+)}", lambda found: fills[kinds[found[1]]], path)


def addresses(path, keys):
    """The path with every record's key in each of its places."""
    names = re.findall(r"{\w+}", path)
    for chosen in itertools.product(keys, repeat=len(names)):
        address = path
        for name, key in zip(names, chosen, strict=True):
            address = address.replace(name, key)
        yield address


@pytest.fixture
def admin(db):
    boss = get_user_model().objects.create(username="boss", is_staff=True, is_superuser=True)
    boss.groups.set(Group.objects.all())
    _token, secret = boss.api_tokens.model.issue(boss, "walk")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    client.user = boss
    return client


def test_every_record_that_is_changed_tells_its_version_and_lets_it_be_asked_for():
    poor = []
    for where, told in of_a_record().items():
        get = operations().get(("GET", home(where[1])), {"responses": {}})
        poor += [(*where, "no ETag to see")] * ("ETag" not in answered(get, "200"))
        poor += [(*where, "no If-Match")] * ("If-Match" not in sent(told))
        poor += [(*where, "no 412")] * ("412" not in told["responses"])
        poor += [(*where, "no 428")] * (where[0] in REPLACING and "428" not in told["responses"])

    assert poor == []


def test_every_operation_tells_of_the_limit_and_of_when_to_come_again():
    silent = [where for where, told in operations().items() if "Retry-After" not in answered(told, "429")]

    assert silent == []


def test_every_change_takes_a_key_that_does_it_once():
    assert [where for where, told in changing().items() if "Idempotency-Key" not in sent(told)] == []
    assert [where for where, told in changing().items() if "409" not in told["responses"]] == []


def test_no_operation_heeds_a_stale_version(admin):
    """With a version that no record ever had, nothing is done: 412 wherever there is such a record."""
    keys = [*(str(one.pk) for one in examples(admin.user)), all_listings()[0].name]
    reached, heeded = set(), []
    for method, path in of_a_record():
        for address in addresses(path, keys):
            told = getattr(admin, method.lower())(address, {}, headers={"If-Match": '"no-such-version"'})
            if told.status_code == 412:
                reached.add((method, path))
                break
            if told.status_code not in (403, 404):
                heeded.append((method, address, told.status_code))

    assert heeded == []
    assert sorted(set(of_a_record()) - reached - set(NO_EXAMPLE)) == []


def test_where_versions_are_demanded_nothing_is_replaced_without_one(admin, settings):
    settings.API_REQUIRE_IF_MATCH = True
    replacing = [where for where in of_a_record() if where[0] in REPLACING]

    answers = {where: getattr(admin, where[0].lower())(filled(where[1]), {}) for where in replacing}

    assert {where: told.status_code for where, told in answers.items() if told.status_code != 428} == {}
    assert {told["Content-Type"] for told in answers.values()} == {"application/problem+json"}


def test_beyond_the_limit_every_operation_says_when_to_come_again(admin, settings):
    settings.API_RATE_USER = 1
    answers = {}

    for where in operations():
        address, call = filled(where[1]), getattr(admin, where[0].lower())
        admin.get("/api/v1/tokens/")  # the minute's one call; a new minute may have begun
        told = call(address, {})
        answers[where] = told if told.status_code == 429 else call(address, {})

    assert {where: told.status_code for where, told in answers.items() if told.status_code != 429} == {}
    assert all(1 <= int(told["Retry-After"]) <= 60 for told in answers.values())
