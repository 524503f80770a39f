"""Every list of the hub with every column: shown, sorted both ways, grouped, narrowed and exported, and as a view."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from base.listing.listing import listing_of
from integration.hub.models import Case
from tests.filled import fill_lists
from tests.integration.hub.test_views import operator
from tests.lists import formulas_exported, names, printed

__all__ = ["operator"]
pytestmark = pytest.mark.django_db
NAMES = names()


@pytest.fixture
def filled(operator):
    """Something in every list, for somebody who may see them all."""
    person = get_user_model().objects.get()
    person.groups.add(Group.objects.get(name="admin"))
    fill_lists(person)
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
    assert printed(name, get_user_model().objects.get(pk=filled.session["_auth_user_id"])) >= count
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
