"""What the hub asks of the CRM: managers read it and tick it off, on the page and over REST."""

import pytest
from rest_framework.test import APIClient

from base.ids import uuid7
from integration.contracts.hub import AmendmentRequested, DisputedField
from integration.liaison.models import Amendment
from tests.crm.makers import user
from tests.helpers import deliver

pytestmark = pytest.mark.django_db
PATH = "/api/v1/amendments/"


@pytest.fixture
def asked():
    case = uuid7()
    field = DisputedField(field="net_total", said="99.00", held="90.00")
    deliver(
        AmendmentRequested(
            about=f"deal:{case}", case=case, case_number="7", contract="crm.deal.won.v1", owner_side="crm",
            cause="Lines and total differ", differences=(field,), note="is it right?", asked_by="Olga",
        )
    )  # fmt: skip
    return Amendment.objects.get(pk=case)


def signed_in(role):
    client = APIClient()
    client.force_authenticate(user(role))
    return client


def test_a_manager_ticks_off_once(asked):
    manager, path = signed_in("manager"), f"{PATH}{asked.pk}/done/"

    empty, done, again = (manager.post(path, {"answer": text}) for text in (" ", "lowered", "twice"))

    assert [answer.status_code for answer in (empty, done, again)] == [422, 200, 409]
    assert (done.json()["answer"], done.json()["done_by"]) == ("lowered", "manager")
    assert [row["number"] for row in manager.get(PATH).json()["results"]] == ["7"]


def test_a_rep_neither_reads_nor_ticks_off(asked, client):
    rep = signed_in("rep")

    assert (rep.get(PATH).status_code, rep.post(f"{PATH}{asked.pk}/done/", {"answer": "no"}).status_code) == (403, 403)
    client.force_login(user("rep"))
    assert client.get(f"/mend/{asked.pk}/").status_code == 403
    assert Amendment.objects.visible_to(user("rep")).count() == 0


def test_the_page_shows_a_manager_both_values(asked, client):
    client.force_login(user("manager"))

    text = client.get(f"/mend/{asked.pk}/").content.decode()

    assert ("99.00" in text, "90.00" in text) == (True, True)
