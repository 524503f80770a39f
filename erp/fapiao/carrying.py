"""Between the register and the provider: what is asked goes out once, what was answered comes in once.

A request is marked as sent in the transaction that handed it over; should that fail to commit, the same request goes
out again. An answer is taken away after its transaction, so that one that was read twice is met twice.
"""

import logging
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from base.notices.services import notify
from base.refusals import Refused
from base.ui import url_of
from erp.fapiao import services
from erp.fapiao.models import Fapiao
from erp.fapiao.provider import Answer, Provider, issue_of, provider

logger = logging.getLogger(__name__)
AT_ONCE = 500


@dataclass
class Collected:
    """What became of the answers."""

    issued: int = 0
    refused: int = 0
    aside: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.issued} issued, {self.refused} refused, {len(self.aside)} put aside"


def send(to: Provider | None = None) -> int:
    """Hand over what the provider has not heard of, the oldest first; how many."""
    to, count = to or provider(), 0
    waiting = list(Fapiao.objects.unsent().order_by("requested_at", "pk").values_list("pk", flat=True)[:AT_ONCE])
    for pk in waiting:
        with transaction.atomic():
            rows = Fapiao.objects.unsent().select_for_update(of=("self",), skip_locked=True)
            one = rows.select_related("invoice", "reverses", "credit_note").filter(pk=pk).first()
            if one is None:
                continue  # another sender has it, or it was withdrawn meanwhile
            to.request(issue_of(one))
            one.sent_at = timezone.now()
            one.save(update_fields=["sent_at", "updated_at"])
            count += 1
    return count


def collect(of: Provider | None = None) -> Collected:
    """Take the provider's answers into the register; what does not belong there is kept aside, and people are told."""
    of, done = of or provider(), Collected()
    for brought in of.collect():
        why = brought.why if brought.answer is None else _take(brought.answer, done)
        if why:
            of.put_aside(brought, why)
            done.aside.append((brought.told, why))
            logger.warning("fapiao answer put aside: %s: %s", brought.told, why)
        else:
            of.take(brought)
    if done.aside:
        _tell(done)
    return done


def _take(answer: Answer, done: Collected) -> str:
    """Into the register; the reason where it does not belong there."""
    found = Fapiao.objects.filter(pk=answer.request).first()
    if found is None:
        return f"there is no request {answer.request}"
    try:
        if answer.result == "refused":
            services.refuse(found, answer.reason)
            done.refused += 1
        else:
            assert answer.issued_on is not None
            services.issue(found, answer.number, answer.issued_on, answer.code, answer.link)
            done.issued += 1
    except Refused as refusal:
        return str(refusal)
    return ""


def _tell(done: Collected) -> None:
    people = get_user_model().objects.filter(groups__name="accountant", is_active=True).distinct()
    count, (name, why) = len(done.aside), done.aside[0]
    text = _("Answers of the fapiao provider are kept aside ({count}); the first is {name}: {why}")
    notify(people, format_lazy(text, count=count, name=name[:80], why=why[:200]), url_of("fapiao:list"), "bad")
