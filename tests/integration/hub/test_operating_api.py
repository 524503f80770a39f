"""Running the hub over REST: what the pages can do, refused in words, and only to whom it may be done."""

import pytest

from base.ids import uuid7
from base.tokens.services import create_token
from integration.contracts.credit import CreditLimited
from integration.contracts.deals import DealWon
from integration.hub import observing, routing
from integration.hub.models import Case, Comparison, Delivery, Grant, Pause, Phase, Route
from tests.integration.hub.facts import catalogue, customer, party, tell, won
from tests.integration.hub.sides import answering
from tests.integration.hub.test_api import as_

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def route():
    return Route.objects.get(contract=DealWon.type)


@pytest.fixture(autouse=True)
def nobody_there(settings):
    """No side runs beside these tests; a port that nobody can listen on says so at once."""
    settings.PEERS = dict.fromkeys(("crm", "erp"), "http://127.0.0.1:1")


def said(answer, status):
    assert answer.status_code == status, answer.content
    return answer.json()


def parked_events(client, count=3):
    catalogue(client)
    events = [tell(client, won()) for _number in range(count)]
    Delivery.objects.filter(destination="erp").update(state="parked", answered=422, attempts=20)
    return events


@pytest.mark.parametrize(
    "path",
    [
        "routes/{route}/switch/", "steps/take/", "grants/", "parked/again/", "comparisons/run/",
        "events/01a21434-bf84-7eeb-957e-ae0d7d2a0045/try/",
    ],
)  # fmt: skip
def test_a_stranger_does_nothing(route, path):
    assert said(as_("").post(f"{API}/{path.format(route=route.pk)}", {}), 403)["code"] == "permission-denied"


@pytest.mark.parametrize("path", ["steps", "parked", "comparisons"])
def test_operators_read_and_strangers_do_not(path):
    assert said(as_("operator").get(f"{API}/{path}/"), 200) is not None
    said(as_("").get(f"{API}/{path}/"), 403)


def test_grants_are_made_by_admins_only_and_read_by_all_of_the_hub():
    operator = as_("operator")

    assert [operator.get(f"{API}/grants/").status_code, operator.post(f"{API}/grants/", {}).status_code] == [200, 403]
    said(as_("admin").get(f"{API}/grants/"), 200)


def test_a_token_needs_the_scope_of_the_hub(client, route):
    operator = as_("operator").handler._force_user
    _token, secret = create_token(operator, "reader", ["hub:read"], 30)
    headers = {"Authorization": f"Bearer {secret}"}

    assert client.get(f"{API}/steps/", headers=headers).status_code == 200
    answer = client.post(f"{API}/routes/{route.pk}/switch/", {"phase": "off"}, "application/json", headers=headers)
    assert said(answer, 403)["facts"] == {"scope": "hub:write"}


def test_a_route_is_switched_with_what_it_missed(client, route):
    operator, path = as_("operator"), f"{API}/routes/{route.pk}/switch/"
    catalogue(client)

    assert said(operator.post(path, {"phase": "off"}), 200)["phase"] == "off"
    event = tell(client, won())
    assert said(operator.post(path, {"phase": "on", "catch_up": True}), 200)["phase"] == "on"

    assert Delivery.objects.get(event=event).mode == "replay"
    assert said(operator.post(path, {"phase": "nonsense"}), 422)["errors"][0]["field"] == "phase"


def test_a_restricted_route_needs_its_grant_and_goes_off_with_it():
    admin, limited = as_("admin"), Route.objects.get(contract=CreditLimited.type)
    wish = {"contract": CreditLimited.type, "destination": limited.destination, "reason": "the board decided"}

    assert said(admin.post(f"{API}/routes/{limited.pk}/switch/", {"phase": "on"}), 409)["code"] == "grant-missing"
    made = said(admin.post(f"{API}/grants/", wish), 201)
    said(admin.post(f"{API}/routes/{limited.pk}/switch/", {"phase": "on"}), 200)
    withdraw = f"{API}/grants/{made['id']}/"
    assert said(admin.delete(withdraw), 422)["code"] == "reason-missing"
    assert (made["by"], admin.delete(f"{withdraw}?reason=the+audit+is+over").status_code) == ("admin", 204)
    gone = Grant.history.get(history_type="-")
    assert (gone.history_user.username, gone.history_change_reason) == ("admin", "the audit is over")

    limited.refresh_from_db()
    assert (Grant.objects.count(), limited.phase) == (0, "off")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"contract": DealWon.type}, 409, "not-restricted"),
        ({"destination": "erp"}, 422, "unknown-target"),
        ({"destination": "moon"}, 422, "bad-input"),
        ({"reason": " "}, 422, "bad-input"),
    ],
)
def test_what_cannot_be_granted_is_refused(change, status, code):
    wish = {"contract": CreditLimited.type, "destination": "crm", "reason": "the board decided"}

    assert said(as_("admin").post(f"{API}/grants/", wish | change), status)["code"] == code
    assert Grant.objects.count() == 0


def test_a_step_is_taken_and_the_list_says_where_we_are():
    operator = as_("operator")

    taken = said(operator.post(f"{API}/steps/take/", {"step": "key_points", "phase": "on"}), 200)

    assert taken["switched"] > 0
    steps = said(operator.get(f"{API}/steps/"), 200)
    assert [(step["name"], step["current"]) for step in steps] == [
        ("independent", False),
        ("key_points", True),
        ("deep", False),
    ]
    assert DealWon.type in steps[1]["contracts"]
    said(operator.post(f"{API}/steps/take/", {"step": "independent", "phase": "on"}), 200)
    said(operator.post(f"{API}/steps/take/", {"step": "key_points", "phase": "observed"}), 200)
    steps = said(operator.get(f"{API}/steps/"), 200)
    assert (steps[0]["current"], steps[1]["observed"] > 0) == (True, True)


@pytest.mark.parametrize("bent", [{"step": "moon"}, {"phase": Phase.OFF}, {"phase": ""}])
def test_no_other_step_is_taken(bent):
    answer = as_("operator").post(f"{API}/steps/take/", {"step": "key_points", "phase": "on"} | bent)

    assert said(answer, 422)["errors"][0]["field"] == next(iter(bent))
    assert observing.current_step() == "deep"


def test_what_is_parked_is_listed_by_class_and_taken_up_again(client):
    events, operator = parked_events(client), as_("operator")
    path = f"{API}/parked/again/"

    places = said(operator.get(f"{API}/parked/"), 200)
    assert places[0]["classes"] == [{"contract": DealWon.type, "failure": "422", "count": 3}]
    assert [("does not answer" in place["error"], place["classes"]) for place in places[1:]] == [(True, [])] * 2
    assert said(operator.post(path, {"place": "hub", "event": str(events[0].pk)}), 200) == {"count": 1}
    assert said(operator.post(path, {"place": "hub", "failure": "422"}), 200) == {"count": 2}
    assert said(operator.post(path, {"place": "hub", "event": str(uuid7())}), 200) == {"count": 0}


def test_a_side_takes_its_own_up_again():
    operator = as_("operator")
    row = {"class": "UnknownSku", "type": DealWon.type, "count": 4}

    with answering("erp", parked={"classes": [row], "events": []}, again={"count": 4}) as asked:
        places = said(operator.get(f"{API}/parked/"), 200)
        taken = said(operator.post(f"{API}/parked/again/", {"place": "erp", "failure": "UnknownSku"}), 200)

    assert places[2] == {
        "place": "erp",
        "error": "",
        "classes": [{"contract": DealWon.type, "failure": "UnknownSku", "count": 4}],
    }
    assert (taken, asked[-1]["told"]) == ({"count": 4}, {"failure": "UnknownSku"})


@pytest.mark.parametrize(
    ("which", "status", "code"),
    [
        ({"place": "hub"}, 422, "which-missing"),
        ({"place": "hub", "failure": "422", "aggregate": "x"}, 422, "which-missing"),
        ({"place": "hub", "failure": "teapot"}, 422, "unknown-target"),
        ({"place": "hub", "event": "x"}, 422, "bad-input"),
        ({"place": "moon", "failure": "422"}, 422, "bad-input"),
        ({"place": "erp", "failure": "UnknownSku"}, 409, "side-away"),
    ],
)
def test_nothing_is_taken_up_by_a_vague_word(client, which, status, code):
    parked_events(client, 1)

    assert said(as_("operator").post(f"{API}/parked/again/", which), status)["code"] == code
    assert Delivery.objects.filter(state="parked").count() == 1


def test_pages_refuse_damaged_ids_in_words(client):
    reader = as_("operator").handler._force_user
    client.force_login(reader)

    assert client.post("/parked/again/", {"event": "x"}).status_code == 302
    assert client.post("/try/", {"event": "x"}).status_code == 404


def test_an_event_is_tried_at_a_side(client):
    catalogue(client)
    event, operator = tell(client, won()), as_("operator")
    tried = {"verdict": "changed", "text": "erp.order.accepted.v1", "changes": {"orders_order": 1}}

    with answering("erp", **{"try": {"tried": [tried]}}) as asked:
        assert said(operator.post(f"{API}/events/{event.pk}/try/", {"side": "erp"}), 200) == tried

    assert asked[0]["told"]["events"] == [bytes(event.body).decode()]
    away = said(operator.post(f"{API}/events/{event.pk}/try/", {"side": "erp"}), 409)
    assert (away["code"], "does not answer" in away["detail"]) == ("side-away", True)
    assert said(operator.post(f"{API}/events/{event.pk}/try/", {"side": "crm"}), 409)["code"] == "not-for-them"
    assert said(operator.post(f"{API}/events/{event.pk}/try/", {"side": "moon"}), 422)["errors"][0]["field"] == "side"
    said(operator.post(f"{API}/events/{uuid7()}/try/", {"side": "erp"}), 404)


@pytest.mark.parametrize(("role", "text"), [("operator", "•••"), ("admin", "limit 7777")])
def test_what_a_side_says_of_a_restricted_event_is_for_few(client, role, text):
    buyer = customer()
    tell(client, buyer)
    tell(client, party(buyer.customer))
    event = tell(client, CreditLimited(customer=buyer.customer, party="C00001", limit=None, currency="EUR"), 2)
    tried = {"verdict": "refused", "text": "limit 7777", "changes": {}}
    reader = as_(role)
    routing.grant(CreditLimited.type, "crm", reader.handler._force_user, "the CRM shows it")

    with answering("crm", **{"try": {"tried": [tried]}}):
        answer = reader.post(f"{API}/events/{event.pk}/try/", {"side": "crm"})
        client.force_login(reader.handler._force_user)
        page = client.post("/try/", {"event": str(event.pk), "side": "crm"}, follow=True).content.decode()

    assert said(answer, 200)["text"] == text
    assert f"It would be refused: {text}" in page


def test_the_sides_are_compared_now():
    operator, path = as_("operator"), f"{API}/comparisons/run/"

    with answering("crm", digests={"digests": {"1": "a"}}), answering("erp", digests={"digests": {"1": "a"}}):
        same = said(operator.post(path, {"subject": "customers"}), 201)
    away = said(operator.post(path, {"subject": "orders"}), 201)

    assert (same["compared"], same["differing"], same["error"]) == (1, 0, "")
    assert "does not answer" in away["error"]
    listed = said(operator.get(f"{API}/comparisons/"), 200)["results"]
    assert [row["subject"] for row in listed] == ["orders", "customers"]
    assert said(operator.post(path, {"subject": "secrets"}), 422)["errors"][0]["field"] == "subject"
    assert (Comparison.objects.count(), Case.objects.count()) == (2, 0)


def test_what_is_done_says_why():
    operator, told = as_("operator"), {"scope": "contract", "target": DealWon.type, "reason": "too many"}
    held = said(operator.post(f"{API}/pauses/", told), 201)

    why = {"X-Reason": "ticket 4711"}
    said(operator.post(f"{API}/pauses/{held['id']}/resume/", {"reason": "counted"}, headers=why), 200)

    assert Pause.objects.get(pk=held["id"]).history.first().history_change_reason.endswith("ticket 4711")
