"""The few kinds of column that every domain uses, each made in one way."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from base.ids import uuid7


class StateField(FSMField):
    """The state of a document with a life, changed by its transitions only (docs/adr/0003).

    To migrations it is the text it is stored as: past states of a model have no transitions, and a library's field in
    each of some ten thousand of them, listening for all the others, took half of the time of making the tables.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"protected": True, **options})

    def deconstruct(self) -> Any:
        """As Django's own field of text."""
        name, _path, args, options = super().deconstruct()
        options.pop("protected", None)
        return name, "django.db.models.CharField", args, options


def uuid7_pk() -> "models.UUIDField[Any, Any]":
    """The identity of a document: sorts by birth, may be shown, says nothing."""
    return models.UUIDField(primary_key=True, default=uuid7, editable=False)


def amount_field(verbose_name: Any = None, **options: Any) -> "models.DecimalField[Any, Any]":
    """Money in the document's currency, exact."""
    return models.DecimalField(verbose_name, max_digits=19, decimal_places=2, **options)


def price_field(verbose_name: Any = None, **options: Any) -> "models.DecimalField[Any, Any]":
    """Price or cost of one unit: finer than a cent, so that a thousandth part can be priced."""
    return models.DecimalField(verbose_name, max_digits=19, decimal_places=6, **options)


def quantity_field(verbose_name: Any = None, **options: Any) -> "models.DecimalField[Any, Any]":
    """How many of a unit."""
    return models.DecimalField(verbose_name, max_digits=18, decimal_places=4, **options)


def rate_field(verbose_name: Any = None, **options: Any) -> "models.DecimalField[Any, Any]":
    """A fraction: 0.19 is nineteen per cent."""
    return models.DecimalField(verbose_name, max_digits=7, decimal_places=6, **options)


def house_currency() -> str:
    """The ISO 4217 code of what the house sells and keeps its books in: one for both sides (`COMPANY_CURRENCY`)."""
    return str(settings.CURRENCY)


def currency_field(**options: Any) -> "models.CharField[Any, Any]":
    """ISO 4217 code; the house's own, where nobody says another."""
    return models.CharField(_("currency"), max_length=3, **{"default": house_currency, **options})


class TimeStamped(models.Model):
    """When the row came and when it last changed."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        abstract = True
