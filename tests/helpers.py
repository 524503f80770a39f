"""Words that tests of every side share."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from base.ids import uuid7
from integration.contracts import Contract
from integration.events import parse_event
from integration.inbox.handling import EventMeta, handler_of
from integration.lanes import LaneWorker
from integration.outbox.models import Message


def emitted(*types: type[Contract]) -> list[Contract]:
    """What this side has told in this test, oldest first; of the given types, if any."""
    facts = [parse_event(bytes(message.body)).contract() for message in Message.objects.order_by("id")]
    return [fact for fact in facts if not types or type(fact) in types]


def deliver(fact: Contract, **meta: Any) -> None:
    """Run the handler of this side for the fact, as the inbox would."""
    handler = handler_of(fact.type)
    assert handler is not None, f"nobody here handles {fact.type}"
    told = {"id": uuid7(), "time": timezone.now(), "partition_key": fact.partition_key, "correlation_id": "", **meta}
    with transaction.atomic():
        handler(type(fact).model_validate_json(fact.model_dump_json()), EventMeta(**told))


# What every page asks before its own content: session, and in one statement the user, their roles, unread notices and
# which lists have saved views (a list that has some reads them by one more). Budgets of pages are written
# `page_queries(own)`, so that a change of the shell changes one number.
SHELL_QUERIES = 2


def page_queries(own: int) -> int:
    """How many queries a page takes in all whose content takes `own`."""
    return SHELL_QUERIES + own


def at_home(worker: LaneWorker) -> LaneWorker:
    """One that has had its lanes for a while, and so takes as much as it may from the first round on."""
    worker.tokens = worker.leases.renew(progressed=False)
    return worker
