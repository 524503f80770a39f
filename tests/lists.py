"""What stands in the lists that every side has."""

import csv
import io
from typing import Any

from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.urls import get_resolver
from django.utils import timezone
from openpyxl import load_workbook

from base.exchange.models import table
from base.exchange.resources import all_resources
from base.ids import uuid7
from base.listing.asking import Asked
from base.listing.exporting import sheet_of
from base.listing.listing import all_listings, listing_of
from base.notices import notify
from base.sheets import page_of
from integration.inbox import door
from integration.inbox.models import Incoming
from integration.lanes import WorkState, lane_of
from integration.outbox.models import Message
from integration.webhooks.models import Delivery, Endpoint
from proofs._naughty import is_formula


def names() -> list[str]:
    """Every list of this side, whichever module declares it."""
    assert get_resolver().url_patterns
    return sorted(listing.name for listing in all_listings())


def fill_common_lists(by: Any) -> None:
    """A job, a notice, a delivery of a webhook; an import and something to mend, on the sides that have such."""
    apps.get_model("access", "Job").objects.create(kind="export", title="Export of all", owner=by)
    notify([by], "Shipped")
    endpoint = Endpoint.objects.create(url="https://shop.example/in", events=["*"], secret="x", created_by=by)
    Delivery.objects.create(endpoint=endpoint, event_id=uuid7(), type="crm.customer.updated.v1", body=b"{}")
    if resources := all_resources():
        table("Import").objects.create(resource=resources[0].key, owner=by, file_name="shops.csv")
    if apps.is_installed("integration.liaison"):
        apps.get_model("liaison", "Amendment").objects.create(
            id=uuid7(), number=7, about="customer:1", contract="crm.customer.updated.v1", event=uuid7(),
            cause="Odd name", asked_by="olga", asked_at=timezone.now(),
        )  # fmt: skip
        held_back(type="crm.deal.won.v1")
        to_go_out(error="integration refused it (409): sequence-gap")
        door.keep(door.EVENTS, 401, "unauthorised", "no neighbour made the hop signature", address="10.0.0.9")


def held_back(**told: Any) -> Incoming:
    """A parked event in this side's inbox."""
    key = f"crm>erp deal:{uuid7()}"
    facts = {
        "event_id": uuid7(), "digest": "0" * 64, "type": "crm.deal.withdrawn.v1", "source": "crm", "route": "crm>erp",
        "aggregate": key, "position": 1, "lane": lane_of(key), "keyid": "k", "signature": "s", "body": b"{}",
        "state": WorkState.PARKED, "attempts": 5, "error": "KeyError: 'sku'", "finished_at": timezone.now(),
    }  # fmt: skip
    return Incoming.objects.create(**facts | told)


def to_go_out(**told: Any) -> Message:
    """An event that the hub has not taken yet."""
    key = f"deal:{uuid7()}"
    facts = {"id": uuid7(), "type": "crm.deal.won.v1", "aggregate": key, "position": 1, "lane": lane_of(key)}
    return Message.objects.create(**facts | {"body": b"{}"} | told)


FORMULAS = ("=1+1", "@SUM(A1)", "+1+1", "-1+1", "\t=1+1")


def formulas_exported(page: Any) -> list[str]:
    """Write what a spreadsheet would run into every text of every list, export them all; what came out alive."""
    alive = []
    for text in FORMULAS:
        for name in names():
            listing = listing_of(name)
            planted = _plant(listing.model, text)
            every = ",".join(column.name for column in listing.columns)
            address = f"/lists/{name}/export/{{}}/?view=all&columns={every}"
            lines = b"".join(page.get(address.format("csv")).streaming_content).decode("utf-8-sig")
            cells = [cell for line in csv.reader(io.StringIO(lines, newline="")) for cell in line]
            alive += [f"{name}.csv: {cell}" for cell in cells if is_formula(cell)]
            if planted and not any(text.strip() in cell for cell in cells) and name in SHOWING:
                alive.append(f"{name}.csv shows nothing of what was planted in {planted}")
    for name in names():
        answer = page.get(f"/lists/{name}/export/xlsx/?view=all")
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        sheet = load_workbook(io.BytesIO(content)).active
        assert sheet is not None
        cells = [cell for line in sheet.iter_rows() for cell in line]
        alive += [f"{name}.xlsx: {cell.value}" for cell in cells if cell.data_type == "f"]
    return alive


def printed(name: str, reader: Any) -> int:
    """A list with all its columns as it is printed; how many rows and sums it has on paper."""
    listing = listing_of(name)
    every = ",".join(column.name for column in listing.columns)
    page = page_of(sheet_of(Asked.told(listing, reader, f"view=all&columns={every}")))
    return page.partition("<tbody>")[2].count("<tr")


# Lists that show words people wrote, and so must show what was planted.
SHOWING = ("accounts", "contacts", "deals", "parties", "jobs", "notices", "pauses", "alerts", "mapping")


# What a page reads of its reader, and would not work with.
SETTINGS = ("password", "time_zone", "language", "theme")


def _plant(model: Any, text: str) -> list[str]:
    """The model's own texts that the database lets change; each in a row of its own where it must be one's alone."""
    planted = []
    for field in model._meta.concrete_fields:
        wordy = isinstance(field, models.CharField | models.TextField) and not field.choices and not field.unique
        if not wordy or field.primary_key or field.name in SETTINGS or (field.max_length or 99) < len(text):
            continue
        try:
            with transaction.atomic():
                if model._base_manager.update(**{field.name: text}):
                    planted.append(field.name)
        except DatabaseError:  # a rule of the database's own: what is posted never changes, a state is one of these
            continue
    return planted
