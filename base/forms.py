"""Forms and services: what a service refuses comes back to the field, and a doubled submit is one row."""

from typing import Any
from uuid import UUID

from django import forms

from base.refusals import Refused


def refuse(form: forms.BaseForm, refusal: Refused) -> None:
    """Say no at the field the refusal is about, else over the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def once(data: Any) -> UUID | None:
    """The form's key as the id of what it makes, so that a doubled submit makes one thing."""
    try:
        return UUID(data.get("idempotency_key", ""))
    except ValueError:
        return None
