"""The present state is told again as history, and nobody takes it for news."""

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from base.notices import notify
from crm.accounts import services
from integration.contracts.customers import CustomerUpdated
from integration.events import parse_event
from integration.outbox import snapshots
from integration.outbox.models import Message

pytestmark = pytest.mark.django_db


def events():
    return [parse_event(bytes(row.body)) for row in Message.objects.order_by("aggregate", "position")]


def test_every_registered_customer_is_told_once_and_marked_as_history(capsys):
    known = services.register(services.create_account(name="Ernst Handel"))
    services.create_account(name="Only a lead")

    call_command("snapshot", "customers")

    assert capsys.readouterr().out.strip() == "1 events told"
    first, again = events()
    assert (first.backfill, again.backfill) == (False, True)
    assert (again.aggregate_seq, again.contract()) == (
        2,
        CustomerUpdated(customer=known.pk, snapshot=services.snapshot(known)),
    )


def test_one_customer_is_told_again_by_name_and_nobody_the_erp_must_not_know():
    known = services.register(services.create_account(name="Ernst Handel"))
    services.register(services.create_account(name="Somebody else"))
    lead = services.create_account(name="Only a lead")

    counts = [snapshots.tell_one(about) for about in (f"customer:{known.pk}", f"customer:{lead.pk}", "customer:7", "x")]

    assert counts == [1, 0, 0, 0]
    again = [event for event in events() if event.backfill]
    assert [(event.partition_key, event.type) for event in again] == [(f"customer:{known.pk}", CustomerUpdated.type)]


def test_only_what_there_is_can_be_told(capsys):
    call_command("snapshot", "list")
    assert "customers" in capsys.readouterr().out.split()
    with pytest.raises(CommandError):
        call_command("snapshot", "dragons")


def test_nobody_gets_a_notice_of_history(django_user_model):
    from base import context

    reader = django_user_model.objects.create_user("rita")
    with transaction.atomic(), context.telling_history():
        notify([reader], "an old order")

    assert reader.notices.count() == 0
