"""What a day begins with: steps that are due, news from the ERP, open deals."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from crm.accounts.models import Account
from crm.activities import timeline
from crm.activities.models import Entry
from crm.leads.models import Lead
from crm.pipeline.models import Deal, DealStatus
from crm.pipeline.reports import glance

STEPS_SHOWN, NEWS_SHOWN, DEALS_SHOWN = 30, 8, 6
LIKELIEST = 3


@dataclass(frozen=True)
class DueStep:
    """Something agreed for today or earlier, on a deal or in a talk."""

    day: date
    text: str
    who: str
    place: str
    url: str
    log_url: str
    call_url: str
    phone: str
    overdue: bool


def due_steps(user: Any, day: date) -> list[DueStep]:
    """The user's next steps up to the day, the oldest first; two queries."""
    deals = Deal.objects.own_of(user).step_due(day).select_related("account")
    entries = Entry.objects.visible_to(user).filter(author=user, next_step_on__lte=day).steps_open()
    steps = [_of_deal(deal, day) for deal in deals.order_by("next_step_on", "id")[:STEPS_SHOWN]]
    talked = list(entries.select_related("account")[:STEPS_SHOWN])
    known = Lead.objects.visible_to(user).in_bulk([entry.lead for entry in talked if entry.account is None])
    steps += [_of_entry(entry, day, known) for entry in talked if entry.account or entry.lead in known]
    return sorted(steps, key=lambda step: step.day)[:STEPS_SHOWN]


def _of_deal(deal: Deal, day: date) -> DueStep:
    assert deal.next_step_on is not None
    return DueStep(
        day=deal.next_step_on,
        text=deal.next_step,
        who=deal.account.name,
        place=deal.account.place,
        url=deal.get_absolute_url(),
        log_url=f"{reverse('today:log')}?kind=visit&deal={deal.pk}",
        call_url=f"{reverse('today:log')}?kind=call&deal={deal.pk}",
        phone=deal.account.phone,
        overdue=deal.next_step_on < day,
    )


def _of_entry(entry: Entry, day: date, known: dict[Any, Lead]) -> DueStep:
    assert entry.next_step_on is not None
    whom: Account | Lead = entry.account or known[entry.lead]
    log, call = f"{reverse('today:log')}?kind=visit&", f"{reverse('today:log')}?kind=call&"
    if entry.account is None:
        log = call = f"{reverse('leads:log', args=[whom.pk, 'call'])}?"
    return DueStep(
        day=entry.next_step_on,
        text=entry.next_step,
        who=whom.name,
        place=whom.place,
        url=whom.get_absolute_url(),
        log_url=f"{log}entry={entry.pk}",
        call_url=f"{call}entry={entry.pk}",
        phone=whom.phone,
        overdue=entry.next_step_on < day,
    )


def likeliest(user: Any, day: date) -> list[Account]:
    """Whom the user will have talked to: who is due, then who was talked to last, then the first of the own."""
    accounts = Account.objects.visible_to(user)
    due = Deal.objects.own_of(user).step_due(day).order_by("next_step_on", "id")
    agreed = Entry.objects.visible_to(user).filter(author=user, account__isnull=False)
    found = [
        *due.values_list("account", flat=True)[:LIKELIEST],
        *agreed.filter(next_step_on__lte=day).steps_open().values_list("account", flat=True)[:LIKELIEST],
        *agreed.order_by("-occurred_at").values_list("account", flat=True)[:50],
    ]
    wanted = list(dict.fromkeys(found))[:LIKELIEST]
    rows = sorted(accounts.filter(pk__in=wanted), key=lambda one: wanted.index(one.pk))
    if len(rows) < LIKELIEST:
        own = accounts.filter(owner=user.pk).exclude(pk__in=wanted).order_by("name_key", "id")
        rows += own[: LIKELIEST - len(rows)]
    return rows


def news_of(user: Any) -> QuerySet[Entry]:
    """What the ERP said of the user's deals and customers."""
    mine = Deal.objects.filter(owner=user).values("pk")
    told: QuerySet[Entry] = Entry.objects.visible_to(user).from_erp().filter(Q(deal__in=mine) | Q(account__owner=user))
    return told


def news(request: HttpRequest) -> list[dict[str, Any]]:
    """The newest of it, in the words of the timeline."""
    entries = news_of(request.user).select_related("account", "author", "contact")
    lines = []
    for entry in entries.order_by("-occurred_at", "-id")[:NEWS_SHOWN]:
        line = timeline.line(entry, {})
        whom = entry.account.name if entry.account else ""
        lines.append({**line, "text": whom, "url": _deal_url(entry) or line["url"]})
    return lines


def _deal_url(entry: Entry) -> str:
    return reverse("pipeline:detail", args=[entry.deal]) if entry.deal else ""


def news_revision(user: Any) -> str:
    """Changes whenever something new has come."""
    newest = news_of(user).order_by("-created_at").values_list("created_at", flat=True).first()
    return f"{newest.timestamp():.6f}" if newest else "0"


def open_deals(user: Any) -> dict[str, Any]:
    """The user's open deals in figures, and those that ask for attention first."""
    mine = Deal.objects.own_of(user)
    rows = mine.filter(status=DealStatus.OPEN).select_related("account", "stage").order_by("-net_total", "-id")
    return {**glance(mine), "deals": list(rows[:DEALS_SHOWN])}


def today() -> date:
    """The user's day."""
    return timezone.localdate()
