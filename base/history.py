"""Histories say why: what is done inside `context.because("…")` carries the words into every history row."""

from typing import Any

from django.dispatch import receiver
from simple_history.signals import pre_create_historical_record

from base import context


@receiver(pre_create_historical_record, dispatch_uid="base.history.keep_reason")
def keep_reason(history_instance: Any, **_facts: Any) -> None:
    """simple_history's own door: its models offer no other for a reason that is not set on each record by hand."""
    if not history_instance.history_change_reason and (why := context.reason.get()):
        history_instance.history_change_reason = why
