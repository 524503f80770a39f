"""Demo deals."""

from io import StringIO

import pytest
from django.core.management import call_command

from crm.pipeline.models import Deal
from tests.crm.makers import account, offered, user

pytestmark = pytest.mark.django_db


def seeded():
    said = StringIO()
    call_command("seed_pipeline", wait=0, stdout=said)
    return said.getvalue().strip()


def test_demo_deals_are_made_once():
    user("rep", name="nancy")
    account("Ernst Handel")
    for sku in ("CHAI", "TOFU", "KONBU"):
        offered(sku)

    assert [seeded(), seeded()] == ["12 new demo deals", "0 new demo deals"]
    assert Deal.objects.filter(net_total__gt=0).count() == 12


def test_without_a_catalogue_nothing_is_made():
    account("Ernst Handel")

    assert seeded() == "no catalogue or no accounts yet: no demo deals"
    assert Deal.objects.count() == 0
