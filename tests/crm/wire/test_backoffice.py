"""The CRM's admins see its inbox, its outbox and its door; whoever sells or answers tickets has nothing there."""

import pytest
from django.test import Client

from integration.inbox import door
from tests.crm.makers import user
from tests.lists import held_back, to_go_out

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("manager", 403), ("rep", 403), ("agent", 403)])
def test_only_admins_come_in(role, status):
    row, message = held_back(type="erp.order.accepted.v1", source="erp"), to_go_out()
    door.keep(door.EVENTS, 401, "unauthorised", "no")
    page = Client()
    page.force_login(user(role))

    looks = ["", f"in/{row.pk}/", "out/", f"out/{message.pk}/", "refused/"]
    assert [page.get(f"/wire/{look}").status_code for look in looks] == [status] * 5
    assert ("/wire/" in page.get("/").content.decode()) == (status == 200)
