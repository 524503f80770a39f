"""Routes in steps, dry runs, and how the sides compare; the sides' answers are given as they give them."""

import threading
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from deploy.demo.waiting import until
from integration.contracts.credit import CreditLimited
from integration.contracts.deals import DealWithdrawn, DealWon
from integration.hub import alerting, observing, reconciling, routing, services
from integration.hub.models import Alert, Case, Comparison, Delivery, Grant, Observation, Pause, Phase, Route, Stream
from integration.hub.refusals import GrantMissing, NotRestricted, ReasonMissing, UnknownTarget
from integration.lanes import lane_of
from integration.liaison.asking import NoAnswer
from integration.liaison.comparing import Record, bucket_of, digests
from tests.integration.hub.facts import (
    archived_at,
    catalogue,
    claimable,
    customer,
    party,
    tell,
    updated,
    withdrawn,
    won,
)
from tests.integration.hub.sides import answering

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client, django_user_model):
    user = django_user_model.objects.create_user("ada")
    user.groups.add(Group.objects.get(name="admin"))
    client.force_login(user)
    return user


def side(verdict="changed", **more):
    """A side that answers every trial alike; which trials it was asked for."""
    asked = []

    def ask(to, question, **told):
        assert told["timeout"] <= 60
        asked.append((to, question, len(told.get("events", ()))))
        return {"tried": [{"verdict": verdict, "text": "", "changes": {}, **more} for _event in told["events"]]}

    return ask, asked


def test_an_observed_route_delivers_nothing_and_says_what_it_would_do(client):
    catalogue(client)
    Route.objects.filter(contract=DealWon.type).update(phase=Phase.OBSERVED)
    ask, asked = side(changes={"orders_order": 1})

    event = tell(client, won())
    tried = observing.try_waiting(ask)

    seen = Observation.objects.get()
    assert (tried, asked) == (1, [("erp", "try", 1)])
    assert (seen.event, seen.verdict, seen.changes) == (event, "changed", {"orders_order": 1})
    assert Delivery.objects.filter(event=event).count() == 0


def test_a_side_that_is_away_is_asked_again(client):
    Route.objects.filter(contract=DealWon.type).update(phase=Phase.OBSERVED)
    catalogue(client)
    tell(client, won())

    def away(*_words, **_told):
        raise NoAnswer("erp does not answer")

    assert [observing.try_waiting(away), observing.try_waiting(side()[0])] == [0, 1]


@pytest.fixture
def observed(client):
    """Three won deals on a route that only observes: one would be refused, two would write."""
    Route.objects.filter(contract=DealWon.type).update(phase=Phase.OBSERVED)
    catalogue(client)
    for told in (
        {"verdict": "refused", "text": "TaxCodeMissing: no tax class"},
        {"verdict": "changed", "changes": {"orders_order": 1, "orders_line": 2}},
        {"verdict": "changed", "changes": {"orders_order": 1}},
    ):
        tell(client, won())
        observing.try_waiting(side(**told)[0])


def test_the_report_says_what_would_be_refused_and_why_and_what_would_be_written(client, ada, observed):
    (row,) = observing.report()

    page = client.get("/steps/").content.decode()

    assert (row.contract, row.destination, dict(row.verdicts)) == (DealWon.type, "erp", {"refused": 1, "changed": 2})
    assert row.worst == [("TaxCodeMissing: no tax class", 1)]
    assert dict(row.changes) == {"orders_order": 2, "orders_line": 2}
    assert "TaxCodeMissing: no tax class (1)" in page
    assert f"/observed/?contract={DealWon.type}&amp;destination=erp&amp;verdict=refused" in page


def test_the_counts_open_the_events_each_with_its_reason_or_its_rows(client, ada, observed):
    refused = client.get("/observed/", {"verdict": "refused"})
    changed = client.get("/observed/", {"verdict": "changed", "contract": DealWon.type, "destination": "erp"})
    told = client.get("/api/v1/observations/", {"verdict": "refused"}).json()["results"]

    assert [len(page.context["page"].rows) for page in (refused, changed)] == [1, 2]
    assert "TaxCodeMissing: no tax class" in refused.content.decode()
    assert "orders_line 2, orders_order 1" in changed.content.decode()
    assert [(row["text"], row["destination"], row["changes"]) for row in told] == [
        ("TaxCodeMissing: no tax class", "erp", {})
    ]


def test_one_observed_event_shows_before_and_after_as_its_side_says_now(client, ada, observed):
    seen = Observation.objects.filter(verdict="changed").first()
    records = [{"what": "Party", "deed": "~", "fields": [["City", "Graz", "Wien"]]}]
    answer = {"verdict": "changed", "text": "", "changes": {}, "records": records}

    with answering("erp", try_one=answer) as asked:
        page = client.get(f"/observed/{seen.pk}/").content.decode()
    away = client.get(f"/observed/{seen.pk}/").content.decode()

    assert asked[0]["told"]["event"] == bytes(seen.event.body).decode()
    shown = ("Party: would be changed", "City", "Graz", "Wien", "orders_order")
    assert [words for words in shown if words not in page] == []
    assert ("erp does not answer" in away, "orders_order" in away) == (True, True)


@pytest.mark.parametrize(("role", "sees"), [("operator", False), ("admin", True)])
def test_what_was_said_to_a_restricted_event_on_trial_is_shown_to_few(client, django_user_model, role, sees):
    event = tell(client, limited(known_buyer(client)), 2)
    route = Route.objects.get(contract=CreditLimited.type)
    seen = Observation.objects.create(
        route=route, event=event, verdict="refused", text="over 7777", tried_at=timezone.now()
    )
    user = django_user_model.objects.create_user("reader")
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    paths = (f"/observed/{seen.pk}/", f"/api/v1/observations/{seen.pk}/", "/observed/", "/steps/")
    pages = [client.get(path).content.decode() for path in paths]

    assert ["over 7777" in page for page in pages] == [sees, sees, False, False]


def test_a_company_goes_from_independent_over_key_points_to_deep_and_back(client):
    assert observing.current_step() == "deep"
    for step in ("independent", "key_points", "deep"):
        observing.take_step(step)
        assert observing.current_step() == step

    observing.take_step("independent")
    observing.take_step("key_points", Phase.OBSERVED)

    assert observing.current_step() == "independent"
    assert set(Route.objects.filter(source="crm").values_list("phase", flat=True)) == {"observed", "off"}
    assert set(Route.objects.filter(source="integration").values_list("phase", flat=True)) == {"on"}


def test_a_route_that_is_switched_on_delivers_what_it_missed_in_order(client):
    catalogue(client)
    observing.take_step("independent")
    deal = won()
    tell(client, deal)
    tell(client, withdrawn(deal.deal), 2)

    observing.take_step("key_points", catch_up=True)

    rows = Delivery.objects.filter(destination="erp").order_by("position")
    assert [(row.event.type, row.position, row.mode) for row in rows] == [
        (DealWon.type, 1, "replay"),
        (DealWithdrawn.type, 2, "replay"),
    ]
    assert claimable()[-2:] == ["crm.deal.won", "crm.deal.withdrawn"]


def test_all_that_was_missed_comes_however_much_it_is(client):
    catalogue(client)
    first = customer()
    tell(client, first)
    observing.take_step("independent")
    told = [first.customer, *(one.customer for one in (customer(), customer()))]
    since = timezone.now()
    for number in range(2, 2 + routing.PAGE):  # three pages; events of one moment may stand on two of them
        facts = [(updated(buyer, version=number), number - (buyer != first.customer)) for buyer in told]
        archived_at(since + timedelta(microseconds=number), *facts)
    last = 2 + routing.PAGE
    Stream.objects.filter(partition_key=f"customer:{first.customer}").update(last=last - 1, checked=last - 1)

    observing.take_step("key_points", catch_up=True)
    tell(client, updated(first.customer, version=last), last)

    for buyer in told:
        rows = Delivery.objects.filter(aggregate=f"crm>erp customer:{buyer}").order_by("position")
        assert [row.position for row in rows] == list(range(1, len(rows) + 1))
        assert [row.event.aggregate_seq for row in rows] == [row.position for row in rows]
        assert {row.lane for row in rows} == {lane_of(rows[0].aggregate)}
    modes = Delivery.objects.filter(aggregate__contains=str(first.customer)).order_by("position")
    assert [row.mode for row in modes] == ["live", *["replay"] * routing.PAGE, "live"]
    assert Delivery.objects.filter(mode="replay").count() == 3 * routing.PAGE


def rivals_address():
    told = connection.settings_dict
    return f"postgresql://{told['USER']}:{told['PASSWORD']}@{told['HOST']}:{told['PORT']}/{told['NAME']}"


def waiting_for_locks():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_an_event_taken_in_while_its_route_is_switched_on_is_caught_up(client):
    catalogue(client)
    observing.take_step("independent")
    deal = won()

    teller = threading.Thread(target=lambda: (tell(client, deal), connection.close()))
    operator = threading.Thread(target=lambda: (observing.take_step("key_points", catch_up=True), connection.close()))
    with psycopg.connect(rivals_address()) as rival:
        # The event has seen its routes off, and cannot commit before the rival does; then the operator comes.
        rival.execute(
            "INSERT INTO hub_known (name, facts, gone, as_of) VALUES (%s, '{}', false, now())", [f"deal:{deal.deal}"]
        )
        teller.start()
        until(lambda: waiting_for_locks() == 1, "the event to wait for the rival", 20)
        operator.start()
        until(lambda: waiting_for_locks() == 2 or not operator.is_alive(), "the operator to wait", 20)
        rival.rollback()
    teller.join()
    operator.join()

    assert Delivery.objects.filter(event__partition_key=f"deal:{deal.deal}").count() == 1


def test_a_conflict_on_routes_that_are_off_disturbs_nobody(client):
    observing.take_step("independent")

    tell(client, won(total="1.00"))

    assert (Case.objects.count(), Pause.objects.count()) == (0, 0)


def test_a_step_is_rehearsed_on_the_newest_events(client):
    catalogue(client)
    tell(client, won())
    ask, asked = side("refused", text="no such thing")

    found = observing.rehearse(observing.contracts_of("key_points"), ask)

    assert (found.events, found.verdicts["refused"]) == (3, 3)
    assert asked == [("crm", "try", 2), ("erp", "try", 1)]
    assert found.refusals["crm.deal.won.v1: no such thing"] == 1


def test_the_page_of_a_step_says_why_events_would_be_refused_and_what_would_be_written(client, ada):
    catalogue(client)
    tell(client, won())
    wrote = [{"verdict": "changed", "text": "", "changes": {"catalogue_product": 2}}] * 2

    refused = [{"verdict": "refused", "text": "no such thing"}]

    with answering("crm", **{"try": {"tried": wrote}}), answering("erp", **{"try": {"tried": refused}}):
        page = client.get("/steps/?try=key_points").content.decode()

    assert ("catalogue_product" in page, "crm.deal.won.v1: no such thing" in page) == (True, True)


def test_what_there_was_no_time_for_is_counted(client):
    catalogue(client)
    tell(client, won())

    def slow(destination, question, timeout, events, seconds):
        assert seconds < timeout
        return {"tried": [{"verdict": "changed", "text": "", "changes": {}}]}

    found = observing.rehearse(observing.contracts_of("key_points"), slow)

    assert (found.events, found.too_slow) == (2, 1)


def test_the_pages_of_steps_parked_and_agreement_open(client, ada):
    catalogue(client)
    pages = [client.get(path).content.decode() for path in ("/steps/", "/parked/", "/comparisons/", "/steps/?try=deep")]

    assert "we are here" in pages[0]
    assert "does not answer" in pages[1]
    assert "Compare now" in pages[2]
    assert "does not answer" in pages[3]


def test_a_route_and_a_step_are_switched_on_pages(client, ada):
    route = Route.objects.get(contract=DealWon.type)

    client.post(f"/routes/{route.pk}/switch/", {"phase": "observed"})
    client.post("/steps/key_points/take/", {"phase": "on"})
    client.post(f"/routes/{route.pk}/switch/", {"phase": "nonsense"})

    route.refresh_from_db()
    assert route.phase == "on"
    assert [entry.phase for entry in route.history.order_by("history_id")][-2:] == ["observed", "on"]
    assert observing.current_step() == "key_points"


def test_parked_deliveries_are_sent_again_one_record_or_class(client, ada):
    catalogue(client)
    events = [tell(client, won()) for _deal in range(3)]
    parked = Delivery.objects.filter(destination="erp")
    parked.update(state="parked", answered=422, attempts=20)

    client.post("/parked/again/", {"event": str(events[0].pk)})
    assert parked.filter(state="waiting").count() == 1
    assert services.send_again(aggregate=f"crm>erp {events[1].partition_key}") == 1
    assert services.send_again(failure="422") == 1
    with pytest.raises(UnknownTarget):
        services.send_again()


def test_an_event_that_is_none_is_refused_in_words(client, ada):
    again = client.post("/parked/again/", {"event": "the first one"}, follow=True)
    tried = client.post("/try/", {"event": "the first one"})

    assert "There is nothing called the first one" in again.content.decode()
    assert tried.status_code == 404


# -- agreement ---------------------------------------------------------------------------------------------------------


def two_sides(crm, erp):
    """Two sides that hold these records: {key: (about, values)}."""

    def ask(to, question, subject, buckets=()):
        found = [Record(key, *held) for key, held in {"crm": crm, "erp": erp}[to].items()]
        if question == "digests":
            return {"digests": {str(bucket): digest for bucket, digest in digests(iter(found)).items()}}
        wanted = [one for one in found if str(bucket_of(one.key)) in buckets]
        return {"records": [[one.key, one.about, one.values] for one in wanted]}

    return ask


def rows(count=300):
    return {f"k{number}": (f"customer:{number}", {"name": f"Firma {number}"}) for number in range(count)}


def compare(crm, erp):
    return reconciling.reconcile("customers", two_sides(crm, erp), second_look_s=0)


def test_sides_that_agree_open_nothing(db):
    done = compare(rows(), rows())

    assert (done.differing, done.error, Case.objects.count()) == (0, "", 0)


def test_one_differing_record_becomes_a_case_with_both_values_and_closes_when_they_agree(db):
    bent = rows() | {"k7": ("customer:7", {"name": "Firma Sieben"})}

    compare(rows(), bent)
    compare(rows(), bent)

    case = Case.objects.get()
    assert (case.cause, case.about, case.hits, case.pause.target) == (
        "reconciliation",
        "customer:7",
        2,
        "crm customer:7",
    )
    assert case.differences == [{"field": "name", "said": "Firma 7", "held": "Firma Sieben"}]
    compare(rows(), rows())
    assert (Case.objects.unsettled().count(), Pause.objects.active().count()) == (0, 0)


def test_a_record_that_one_side_lacks_differs(db):
    short = rows()
    del short["k9"]

    compare(rows(), short)

    assert Case.objects.get().differences == [{"field": "k9", "said": "name Firma 9", "held": ""}]


def test_what_is_on_its_way_is_no_difference(client):
    buyer = customer()
    tell(client, buyer)
    about = f"customer:{buyer.customer}"

    compare({"x": (about, {"name": "a"})}, {})

    assert Case.objects.count() == 0


def test_a_side_that_is_away_is_written_down(db):
    def away(*_words, **_told):
        raise NoAnswer("erp does not answer")

    assert reconciling.reconcile("orders", away).error == "erp does not answer"
    assert Comparison.objects.get().ended_at <= timezone.now()


# -- restricted --------------------------------------------------------------------------------------------------------


def limited(buyer):
    return CreditLimited(customer=buyer.customer, party="C00001", limit=Decimal("7777"), currency="EUR")


def known_buyer(client):
    buyer = customer()
    tell(client, buyer)
    tell(client, party(buyer.customer))
    return buyer


def test_a_restricted_contract_goes_nowhere_until_it_is_granted_and_switched_on(client, ada):
    buyer = known_buyer(client)
    route = Route.objects.get(contract=CreditLimited.type)
    first = tell(client, limited(buyer), 2)

    with pytest.raises(GrantMissing):
        routing.switch(route, Phase.ON)
    observing.take_step("deep")
    client.post("/grants/", {"contract": CreditLimited.type, "destination": "crm", "reason": "the board decided"})
    routing.switch(route, Phase.ON)
    second = tell(client, limited(buyer), 3)

    assert [Delivery.objects.filter(event=event).count() for event in (first, second)] == [0, 1]
    client.post(f"/grants/{Grant.objects.get().pk}/withdraw/", {"reason": "the audit is over"})
    assert Route.objects.get(pk=route.pk).phase == "off"


@pytest.mark.parametrize(("role", "sees"), [("operator", False), ("admin", True)])
def test_what_restricted_events_say_is_shown_to_few(client, django_user_model, role, sees):
    buyer = known_buyer(client)
    event = tell(client, limited(buyer), 2)
    user = django_user_model.objects.create_user("reader")
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    pages = [
        f"/events/{event.pk}/",
        "/events/",
        "/events/?q=7777",
        f"/events/?q={event.partition_key}",
        f"/api/v1/events/{event.pk}/",
        "/api/v1/events/",
        "/admin/hub/archived/",
    ]
    shown = []
    for path in pages:
        text = client.get(path).content.decode().replace("q=7777", "").replace('value="7777"', "")
        shown += [path] if "7777" in text else []

    assert shown == ([pages[0], pages[4]] if sees else [])


@pytest.mark.parametrize(("role", "sees"), [("operator", False), ("admin", True)])
def test_both_values_of_a_restricted_case_are_shown_to_few(client, django_user_model, role, sees):
    buyer = known_buyer(client)
    Route.objects.filter(contract=CreditLimited.type).update(phase=Phase.ON)
    tell(client, CreditLimited(customer=buyer.customer, party="C-SECRET", limit=None, currency="EUR"), 2)
    case = Case.objects.get()
    user = django_user_model.objects.create_user("reader")
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    pages = [client.get(path).content.decode() for path in (f"/cases/{case.pk}/", f"/api/v1/cases/{case.pk}/")]

    assert case.restricted
    assert [("C-SECRET" in page) for page in pages] == [sees, sees]
    assert "C-SECRET" not in client.get("/cases/").content.decode()
    assert ["C-SECRET" in trouble.text for trouble in alerting.troubles()] == [False]


def test_what_is_not_restricted_needs_no_grant(ada):
    with pytest.raises(NotRestricted):
        routing.grant(DealWon.type, "erp", ada, "why not")
    with pytest.raises(ReasonMissing):
        routing.grant(DealWon.type, "erp", ada, " ")
    assert (Grant.objects.count(), Alert.objects.count()) == (0, 0)


def test_who_withdrew_a_grant_and_why_is_kept(client, ada):
    routing.grant(CreditLimited.type, "crm", ada, "the board decided")
    held = Grant.objects.get()

    assert client.post(f"/grants/{held.pk}/withdraw/", {"reason": " "}).status_code == 302
    client.post(f"/grants/{held.pk}/withdraw/", {"reason": "x" * 501})
    assert Grant.objects.filter(pk=held.pk).exists()  # more than is kept is refused, not cut
    assert Grant.objects.get() == held
    client.post(f"/grants/{held.pk}/withdraw/", {"reason": "the audit is over"})

    assert not Grant.objects.exists()
    gone = Grant.history.get(history_type="-")
    assert (gone.reason, gone.by, gone.history_user, gone.history_change_reason) == (
        "the board decided",
        ada,
        ada,
        "the audit is over",
    )
    assert "the audit is over" in client.get("/steps/").content.decode()
    assert Route.history.filter(contract=CreditLimited.type).latest().phase == "off"
