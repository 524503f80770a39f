"""The pack: what of the records that somebody may see goes along on their phone, and for how long."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import BooleanField, Case, QuerySet, Value, When
from django.utils import timezone

from base.etags import etag_of
from crm.access.people import name_of
from crm.accounts.models import Account, Contact
from crm.activities.models import Entry
from crm.leads.models import Lead
from crm.pipeline.models import Deal, Stage
from crm.tickets.models import Ticket
from crm.today import reports as today

# A phone holds so many of each; one's own come first, and how many stayed behind is said.
MOST = {"accounts": 2_000, "contacts": 4_000, "deals": 2_000, "tickets": 1_000, "leads": 1_000, "stops": 60}
EDITED = {
    "accounts": ("name", "phone", "email", "street", "postal_code", "city", "version"),
    "contacts": ("name", "title", "phone", "email"),
    "leads": ("person", "company", "phone", "email", "interest", "version"),
    "deals": ("title", "next_step", "next_step_on"),
}


def pack(user: Any) -> dict[str, Any]:
    """All that the phone takes along; nothing in it that `visible_to` would not show this user on a page."""
    accounts, left = _accounts(user)
    kept = [row["id"] for row in accounts]
    told: dict[str, Any] = {"accounts": accounts}
    for name, rows in (("contacts", _contacts(user, kept)), ("deals", _deals(user)), ("tickets", _tickets(user)),
                       ("leads", _leads(user))):  # fmt: skip
        told[name], left[name] = _first(rows, name)
    told["stops"] = _stops(user)
    told["stages"] = [
        {"id": str(stage.pk), "name": stage.name, "pipeline": str(stage.pipeline_id)}
        for stage in Stage.objects.visible_to(user).order_by("pipeline__position", "position")
    ]
    told["left_behind"] = {name: number for name, number in left.items() if number}
    hours = settings.OFFLINE_PACK_HOURS
    now = timezone.now()
    return {
        "version": etag_of(told).strip('"'),
        "user": user.pk,
        "name": name_of(user),
        "made_at": now.isoformat(),
        "expires_at": (now + timedelta(hours=hours)).isoformat(),
        "lasts_seconds": hours * 3600,
        **told,
    }


def _first(rows: list[dict[str, Any]], name: str) -> tuple[list[dict[str, Any]], int]:
    return rows[: MOST[name]], max(0, len(rows) - MOST[name])


def _accounts(user: Any) -> tuple[list[dict[str, Any]], dict[str, int]]:
    seen = _own_first(Account.objects.visible_to(user), user).order_by("-own", "name_key", "id")
    rows = list(seen[: MOST["accounts"]])
    left = seen.count() - len(rows) if len(rows) == MOST["accounts"] else 0
    told = [{**_told(row, "accounts"), "country": row.country, "own": row.own} for row in rows]
    return told, {"accounts": left}


def _contacts(user: Any, accounts: list[str]) -> list[dict[str, Any]]:
    seen = Contact.objects.visible_to(user).filter(account__in=accounts).order_by("name", "id")
    return [
        {**_told(row, "contacts"), "account": str(row.account_id), "version": row.updated_at.isoformat()}
        for row in seen[: MOST["contacts"] + 1]
    ]


def _deals(user: Any) -> list[dict[str, Any]]:
    seen = _own_first(Deal.objects.visible_to(user).open(), user).select_related("account", "stage")
    return [
        {
            **_told(row, "deals"),
            "number": row.number,
            "account": str(row.account_id),
            "account_name": row.account.name,
            "stage": str(row.stage_id),
            "pipeline": str(row.stage.pipeline_id),
            "version": row.revision,
            "own": row.own,
        }
        for row in seen.order_by("-own", "-id")[: MOST["deals"] + 1]
    ]


def _tickets(user: Any) -> list[dict[str, Any]]:
    seen = Ticket.objects.visible_to(user).unsolved().select_related("account").order_by("-touched_at", "-id")
    return [
        {
            "id": str(row.pk),
            "number": row.number,
            "subject": row.subject,
            "account": str(row.account_id),
            "account_name": row.account.name,
        }
        for row in seen[: MOST["tickets"] + 1]
    ]


def _leads(user: Any) -> list[dict[str, Any]]:
    seen = _own_first(Lead.objects.visible_to(user).open(), user).order_by("-own", "-id")
    return [{**_told(row, "leads"), "name": row.name, "own": row.own} for row in seen[: MOST["leads"] + 1]]


def _stops(user: Any) -> list[dict[str, Any]]:
    """What is due today or was before, with what it is about, so that logging it does it."""
    day = timezone.localdate()
    deals = Deal.objects.own_of(user).step_due(day).select_related("account")
    steps = Entry.objects.visible_to(user).filter(author=user, next_step_on__lte=day, account__isnull=False)
    told = [_stop(deal, "deal", deal.account) for deal in deals.order_by("next_step_on", "id")[: today.STEPS_SHOWN]]
    told += [
        _stop(entry, "entry", entry.account)
        for entry in steps.steps_open().select_related("account")[: today.STEPS_SHOWN]
    ]
    return sorted(told, key=lambda stop: stop["day"])[: MOST["stops"]]


def _stop(row: Any, kind: str, account: Any) -> dict[str, Any]:
    return {
        kind: str(row.pk),
        "account": str(account.pk),
        "who": account.name,
        "phone": account.phone,
        "day": row.next_step_on.isoformat(),
        "text": row.next_step,
    }


def _own_first(rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
    own = Case(When(owner=user.pk, then=Value(True)), default=Value(False), output_field=BooleanField())
    return rows.annotate(own=own)


def _told(row: Any, name: str) -> dict[str, Any]:
    fields = {field: getattr(row, field) for field in EDITED[name]}
    return {"id": str(row.pk)} | {
        field: value if isinstance(value, int) else "" if value is None else str(value)
        for field, value in fields.items()
    }
