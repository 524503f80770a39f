"""Every list of the hub with every column: shown, sorted both ways, grouped, narrowed and exported, and as a view."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from base.ids import uuid7
from base.listing.listing import listing_of
from integration.contracts.parties import PartyOpened
from integration.hub.models import Alert, Case, Comparison, Delivery, Observation, Pause
from tests.integration.hub.test_views import operator, registered, told
from tests.lists import fill_common_lists, formulas_exported, names

__all__ = ["operator"]
pytestmark = pytest.mark.django_db
NAMES = names()


@pytest.fixture
def filled(operator):
    """One customer that is mapped, two events, a case and a telling by webhook, for somebody who may see them all."""
    customer = uuid7()
    told(operator, registered(customer))
    told(operator, PartyOpened(customer=customer, party="C00001", payment_terms_days=30))
    Case.objects.create(number=1, cause="gap", source="crm", contract="crm.deal.won.v1", about="deal:1", differences=[])
    person = get_user_model().objects.get()
    person.groups.add(Group.objects.get(name="admin"))
    fill_common_lists(person)
    Delivery.objects.filter(pk=Delivery.objects.earliest("pk").pk).update(state="parked", answered=422, error="no SKU")
    Pause.objects.create(scope="contract", target="crm.deal.won.v1", reason="looking", began_by="olga")
    Alert.objects.create(kind="parked", subject="crm.deal.won.v1 erp", text="2 are parked", url="/parked/")
    seen = {"verdict": "refused", "text": "no such party", "tried_at": timezone.now()}
    event = Delivery.objects.latest("pk")
    Observation.objects.create(route=event.route, event=event.event, **seen)
    Comparison.objects.create(subject="customers", compared=3, differing=1)
    return operator


def rows(browser, listing, query):
    answer = browser.get(f"{listing.url}?{query}")
    assert answer.status_code == 200, query
    return answer.context["page"].rows


@pytest.mark.parametrize("name", NAMES)
def test_every_column_is_shown_sorted_both_ways_grouped_and_exported(filled, name):
    listing = listing_of(name)
    every = ",".join(column.name for column in listing.columns)
    count = len(rows(filled, listing, f"view=all&columns={every}"))

    for column in listing.columns:
        if column.sort_path:
            up = rows(filled, listing, f"view=all&ordering={column.name}")
            down = rows(filled, listing, f"view=all&ordering=-{column.name}")
            assert {row.pk for row in up} == {row.pk for row in down}
            assert len(up) == count
        if column.group:
            rows(filled, listing, f"view=all&group={column.name}&columns={every}")
    for file_format in ("csv", "xlsx"):
        answer = filled.get(f"/lists/{name}/export/{file_format}/?view=all&columns={every}")
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert (answer.status_code, bool(content)) == (200, True)
        if file_format == "csv":
            assert len(content.splitlines()) == count + 1
    assert count > 0


def test_a_case_that_is_decided_is_found_on_demand(filled):
    listing = listing_of("cases")
    Case.objects.update(state="closed", choice="accept", reason="it is right")

    assert rows(filled, listing, "") == []
    assert len(rows(filled, listing, "state=closed&view=all")) == 1
    assert filled.get("/api/v1/cases/?state=unsettled").json()["results"] == []
    assert len(filled.get("/api/v1/cases/?ordering=-number").json()["results"]) == 1


def test_a_view_of_the_events_is_kept_and_shown_again(filled):
    filled.post("/lists/events/views/", {"name": "From the ERP", "state": "source=erp&ordering=type", "team": "1"})

    page = filled.get("/events/")
    view = page.context["asked"].views[0]
    shown = filled.get(f"/events/?view={view.pk}").context["page"].rows

    assert (str(view), view.team) == ("From the ERP", True)
    assert [row.source for row in shown] == ["erp"]


def test_no_list_exports_a_formula(filled):
    assert formulas_exported(filled) == []
