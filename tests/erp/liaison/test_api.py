"""What the hub asks, over REST: those who can mend read it and tick it off."""

import pytest
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from integration.liaison.models import Amendment
from tests.erp.liaison.test_liaison import wrong_total
from tests.helpers import deliver

pytestmark = pytest.mark.django_db
PATH = "/api/v1/amendments/"


@pytest.fixture
def asked():
    fact = wrong_total()
    deliver(fact)
    return Amendment.objects.get(pk=fact.case)


@pytest.fixture
def as_(django_user_model):
    def sign_in(role):
        somebody = django_user_model.objects.create_user(role or "nobody")
        somebody.groups.set(Group.objects.filter(name=role))
        client = APIClient()
        client.force_authenticate(somebody)
        return client

    return sign_in


def test_what_is_mended_is_ticked_off_once(asked, as_):
    clerk, path = as_("order_desk"), f"{PATH}{asked.pk}/"

    assert [row["id"] for row in clerk.get(PATH, {"waiting": "true"}).json()["results"]] == [str(asked.pk)]
    assert clerk.get(path).json()["differences"] == [{"field": "gross", "said": "99.00", "held": "90.00"}]
    empty, done, again = (clerk.post(f"{path}done/", {"answer": text}) for text in (" ", "credited", "twice"))

    assert [answer.status_code for answer in (empty, done, again)] == [422, 200, 409]
    assert (done.json()["answer"], done.json()["done_by"]) == ("credited", "order_desk")
    assert again.json()["code"] == "done-already"
    assert clerk.get(PATH, {"waiting": "true"}).json()["results"] == []


@pytest.mark.parametrize("role", ["warehouse", "auditor", ""])
def test_who_cannot_mend_neither_reads_nor_ticks_off(asked, as_, role):
    other = as_(role)

    assert other.get(PATH).status_code == 403
    assert other.get(f"{PATH}{asked.pk}/").status_code == 403
    assert other.post(f"{PATH}{asked.pk}/done/", {"answer": "no"}).status_code == 403
    assert Amendment.objects.visible_to(other.handler._force_user).count() == 0
    assert Amendment.objects.waiting().count() == 1


def test_nobody_ticks_off_what_was_not_asked(asked, as_):
    lost = as_("admin").post(f"{PATH}01a21434-bf84-7eeb-957e-ae0d7d2a0045/done/", {"answer": "what?"})

    assert lost.status_code == 404
