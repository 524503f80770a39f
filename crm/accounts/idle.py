"""The clock of the pool: whose accounts lie untouched is told first, and some days later others may try.

Nobody loses an account without having been warned, the promised number of days before. `sweep` is told the time, and
asked twice for the same moment it does nothing twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from base.notices import Tone, notify
from crm.accounts import pool
from crm.accounts.models import Account, AccountQuerySet, PoolPolicy, PoolWarning


@dataclass
class Swept:
    """How many owners were warned of an account, and how many accounts fell back."""

    warned: int = 0
    fell_back: int = 0


def sweep(now: datetime) -> Swept:
    """Warn, and put back what was warned of long enough ago; each account is one transaction."""
    policy, told = PoolPolicy.current(), Swept()
    if policy.idle_days is None:
        return told
    warn_from = now - timedelta(days=max(policy.idle_days - policy.warn_days, 0))
    still = _idle(warn_from).filter(pk=OuterRef("account"), owner=OuterRef("owner"))
    PoolWarning.objects.filter(~Exists(still)).delete()
    warned = PoolWarning.objects.filter(account=OuterRef("pk"))
    warned_by = now - timedelta(days=policy.warn_days)
    due = _idle(now - timedelta(days=policy.idle_days)).filter(Exists(warned.filter(warned_at__lte=warned_by)))
    for pk in list(due.values_list("pk", flat=True)):
        told.fell_back += _fall(pk, now, policy)
    fresh = _idle(warn_from).filter(~Exists(warned))
    for pk in list(fresh.values_list("pk", flat=True)):
        told.warned += _warn(pk, now, policy, warn_from)
    return told


def _idle(since: datetime) -> AccountQuerySet:
    """Somebody's accounts that nobody worked on since, without open business."""
    found: AccountQuerySet = Account.objects.filter(owner__isnull=False).exclude(pool.touched(since) | pool.busy())
    return found


@transaction.atomic
def _fall(pk: UUID, now: datetime, policy: PoolPolicy) -> int:
    account = _held(pk)
    if account is None or not _idle(now - timedelta(days=policy.idle_days or 0)).filter(pk=pk).exists():
        return 0  # somebody was quicker
    owner = account.owner
    pool.fall_back(account)
    text = _("{account} went back to the public pool: nothing has happened there for {days} days.")
    notify([owner], format_lazy(text, account=account.name, days=policy.idle_days), tone=Tone.WARN)
    return 1


@transaction.atomic
def _warn(pk: UUID, now: datetime, policy: PoolPolicy, since: datetime) -> int:
    account = _held(pk)
    if account is None or not _idle(since).filter(pk=pk).exists():
        return 0
    PoolWarning.objects.create(account=account.pk, owner=account.owner, warned_at=now)
    text = _("{account} goes to the public pool on {day} unless something happens there: log a call or a visit.")
    day = pool.day_of(now + timedelta(days=policy.warn_days))
    notify([account.owner], format_lazy(text, account=account.name, day=day), url=account.get_absolute_url(),
           tone=Tone.WARN)  # fmt: skip
    return 1


def _held(pk: UUID) -> Any:
    return Account.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=pk, owner__isnull=False).first()
