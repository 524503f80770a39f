"""Who may come into the hub: an operator acts, an auditor reads all of it and changes nothing, others stay outside."""

import re

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from rest_framework.test import APIClient

from integration.contracts.deals import DealWon
from integration.hub.models import Alert, Case, Delivery, Grant, Pause, Route
from tests.integration.hub.facts import catalogue, tell, won

pytestmark = pytest.mark.django_db
HUB = ("Alert", "Case", "Comparison", "Delivery", "Grant", "Mapping", "Pause", "Route", "Silence")


def person(role):
    user = get_user_model().objects.create_user(f"a-{role}")
    user.groups.add(Group.objects.get(name=role))
    return user


def signed_in(role):
    client = Client()
    client.force_login(person(role))
    return client


def by_api(role):
    client = APIClient()
    client.force_authenticate(person(role))
    return client


@pytest.fixture(autouse=True)
def nobody_there(settings):
    """No side runs beside these tests; a port that nobody can listen on says so at once."""
    settings.PEERS = dict.fromkeys(("crm", "erp"), "http://127.0.0.1:1")


@pytest.fixture
def world(client):
    """One of everything somebody could act on."""
    catalogue(client)
    event = tell(client, won())
    delivery = Delivery.objects.filter(event=event).get()
    Delivery.objects.filter(pk=delivery.pk).update(state="parked", answered=422, error="no such thing")
    told = {"cause": "gap", "source": "crm", "contract": DealWon.type, "about": "deal:1", "differences": []}
    case = Case.objects.create(number=1, **told)
    pause = Pause.objects.create(scope="contract", target=DealWon.type, reason="looking")
    Alert.objects.create(kind="case", subject=str(case.pk), text="#1 stands")
    boss = person("admin")
    grant = Grant.objects.create(contract="erp.credit.limited.v1", destination="crm", reason="asked", by=boss)
    route = Route.objects.get(contract=DealWon.type)
    return {"event": event, "delivery": delivery, "case": case, "pause": pause, "grant": grant, "route": route}


def named(world, *patterns):
    return [re.sub(r"<(\w+)>", lambda found: str(world[found[1]].pk), pattern) for pattern in patterns]


PAGES = (
    "/", "/events/", "/events/<event>/", "/cases/", "/cases/<case>/", "/pauses/", "/pauses/<pause>/", "/steps/",
    "/parked/", "/deliveries/", "/comparisons/", "/alerts/", "/mapping/", "/keys/", "/erasures/",
)  # fmt: skip
ACTED_ON = (
    "/events/<event>/", "/cases/<case>/", "/pauses/", "/pauses/<pause>/", "/steps/", "/parked/", "/comparisons/",
    "/alerts/",
)  # fmt: skip
DEEDS = (
    "/deliveries/<delivery>/retry/", "/cases/<case>/decide/", "/pauses/new/", "/pauses/<pause>/", "/steps/deep/take/",
    "/routes/<route>/switch/", "/grants/", "/grants/<grant>/withdraw/", "/parked/again/", "/try/",
    "/comparisons/now/", "/alerts/silence/", "/erasures/", "/lists/parked/bulk/again/", "/lists/parked/bulk/records/",
)  # fmt: skip
RESOURCES = (
    "monitor", "events", "deliveries", "mappings", "routes", "cases", "pauses", "silences", "steps", "grants", "parked",
    "comparisons", "alerts", "erasures",
)  # fmt: skip
CALLS = (
    "deliveries/<delivery>/retry/", "cases/<case>/decide/", "pauses/", "pauses/<pause>/resume/", "steps/take/",
    "routes/<route>/switch/", "grants/", "parked/again/", "events/<event>/try/", "comparisons/run/", "silences/",
    "erasures/", "lists/parked/bulk/",
)  # fmt: skip


def steps_offered(client, path):
    """What of the page's own part would change something: forms that post, ticks, ways to such forms."""
    answer = client.get(path)
    page = answer.content.decode()
    assert answer.status_code == 200, path
    main = page[page.index('<header class="page-head">') : page.index("</main>")]
    return re.findall(r'<form[^>]*method="post"[^>]*>|href="/pauses/new/|href="/alerts/silence/|data-tick', main)


def stands():
    """All that could be changed here, as it stands."""
    return {name: list(apps.get_model("hub", name).objects.order_by("pk").values()) for name in HUB}


def test_an_auditor_reads_every_page_and_is_offered_no_step(world):
    auditor, operator = signed_in("auditor"), signed_in("operator")

    assert [path for path in named(world, *PAGES) if steps_offered(auditor, path)] == []
    assert [path for path in named(world, *ACTED_ON) if not steps_offered(operator, path)] == []
    assert auditor.get("/", headers={"X-Live": "x"}).status_code == 200


def test_an_auditor_changes_nothing_on_any_page(world):
    auditor, before = signed_in("auditor"), stands()

    answers = {path: auditor.post(path, {"reason": "because"}).status_code for path in named(world, *DEEDS)}

    assert set(answers.values()) <= {403, 404}, answers
    assert auditor.get("/pauses/new/").status_code == auditor.get("/alerts/silence/").status_code == 403
    assert stands() == before


def test_an_auditor_reads_the_whole_api_and_changes_nothing_by_it(world):
    api, before = by_api("auditor"), stands()

    read = {path: api.get(f"/api/v1/{path}/").status_code for path in RESOURCES}
    written = {path: api.post(f"/api/v1/{path}", {"action": "again"}).status_code for path in named(world, *CALLS)}
    withdrawn = api.delete(f"/api/v1/grants/{world['grant'].pk}/").status_code

    assert set(read.values()) == {200}, read
    assert {*written.values(), withdrawn} <= {403, 404}, written
    assert stands() == before


def test_an_auditor_reads_what_restricted_events_say_and_an_operator_does_not(world):
    Case.objects.update(contract="erp.credit.limited.v1", differences=[{"field": "limit", "said": "9", "held": "8"}])
    path = f"/api/v1/cases/{world['case'].pk}/"

    told = {role: by_api(role).get(path).json()["differences"][0]["said"] for role in ("auditor", "operator")}

    assert told == {"auditor": "9", "operator": "•••"}


def test_parked_ones_are_taken_up_again_from_the_list(world):
    signed_in("operator").post("/lists/parked/bulk/again/?view=all", {"ids": str(world["delivery"].pk)})

    assert Delivery.objects.get(pk=world["delivery"].pk).state == "waiting"
