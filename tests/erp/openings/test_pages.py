"""Opening files through the pages of imports: what is the same in every row is said once."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from base import jobs
from erp.access.models import Import
from erp.openings.models import OpeningBalance, OpeningItem
from tests.erp.makers import company
from tests.erp.openings.makers import BALANCES, DAY, ITEMS, alfreds, anna, pens
from tests.importing import media

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def browser() -> Client:
    company()
    page = Client()
    page.force_login(anna())
    return page


def sent(page: Client, key: str, text: str) -> Import:
    page.post(f"/import/{key}/", {"file": SimpleUploadedFile("file.csv", text.encode())})
    return Import.objects.latest("created_at")


def shown(page: Client, imp: Import) -> dict[str, Any]:
    """What a browser sends of the form as it stands there."""
    form = page.get(imp.get_absolute_url()).context["form"]
    return {field.html_name: field.value() for field in form if field.value()}


def worked(imp: Import) -> Import:
    jobs.run(Import.objects.get(pk=imp.pk).job_id)
    return Import.objects.get(pk=imp.pk)


def through(page: Client, imp: Import, told: dict[str, Any]) -> Import:
    assert page.post(f"/import/{imp.pk}/map/", told).status_code == 302
    worked(imp)
    page.post(f"/import/{imp.pk}/start/")
    return worked(imp)


def test_on_the_page_a_file_without_a_day_is_told_its_day_once() -> None:
    page = browser()
    imp = sent(page, "opening-balances", BALANCES)
    form = page.get(imp.get_absolute_url()).context["form"]

    assert (form.constant_fields[0].html_name, form.shows_constants) == ("constant_day", True)
    done = through(page, imp, {**shown(page, imp), "constant_day": "2026-01-01"})

    assert (done.counts, done.constants, OpeningBalance.objects.get().day) == ({"new": 1}, {"day": "2026-01-01"}, DAY)


def test_on_the_page_items_without_a_day_are_told_it_once() -> None:
    alfreds(), pens()
    page = browser()
    imp = sent(page, "opening-items", ITEMS)

    done = through(page, imp, {**shown(page, imp), "constant_opened_on": "2026-01-01"})

    assert done.counts == {"new": 3}
    assert set(OpeningItem.objects.values_list("opened_on", flat=True)) == {DAY}


@pytest.mark.parametrize(
    ("text", "told", "said"),
    [
        (BALANCES, {}, "Say which column of the file holds: Day."),
        (BALANCES, {"constant_day": "soon"}, "“soon” is not a day"),
        ("day,account,debit,credit\n2026-01-01,1010,5,\n", {"constant_day": "2026-01-01"}, "are meant for Day"),
    ],
)
def test_without_a_day_with_none_or_with_two_nothing_is_tried(text: str, told: dict[str, str], said: str) -> None:
    page = browser()
    imp = sent(page, "opening-balances", text)

    answer = page.post(f"/import/{imp.pk}/map/", {**shown(page, imp), **told})

    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert Import.objects.get().job is None
