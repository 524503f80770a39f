"""Columns that accounts and leads have alike."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Value


def place_keys_field() -> "ArrayField[Any, Any]":
    """What somebody with an address can be found by (`crm.accounts.places`); set by the services."""
    base: Any = models.CharField(max_length=60)
    return ArrayField(base, default=list, db_default=Value([], output_field=ArrayField(base)), editable=False)
