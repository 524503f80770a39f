"""What stock refuses, and how the database says so: SQLSTATE HM06x with the facts as JSON in DETAIL."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from base.refusals import Refused
from erp.ledger.refusals import refusal_of as books_refusal_of


class StockRefused(Refused):
    """A rule of the warehouse says no."""


class NotEnoughStock(StockRefused):
    """There are not so many free units."""

    message = _("Only {available} of {sku} are free; {wanted} are wanted.")
    field = "quantity"


class NotReserved(StockRefused):
    """Goods go out against what was reserved for them."""

    message = _("Only {reserved} of {sku} are reserved for this; {wanted} are wanted.")
    field = "quantity"


class MoreThanDelivered(StockRefused):
    """What was not delivered cannot come back."""

    message = _("Only {delivered} of {sku} can come back from this delivery, not {wanted}.")
    field = "quantity"


class LocationUnknown(StockRefused):
    """No such place."""

    message = _("There is no location “{location}”.")
    status = 422
    field = "location"


class BadQuantity(StockRefused):
    """A move moves something."""

    message = _("A quantity must be above zero and have at most four decimals.")
    status = 422
    field = "quantity"


class CostMissing(StockRefused):
    """What comes in has a worth, be it zero."""

    message = _("Goods that come in need a cost of zero or more.")
    status = 422
    field = "unit_cost"


class StockProtected(StockRefused):
    """Somebody tried to write past the posting function."""

    message = _("Stock cannot be written this way; nothing was changed.")


BY_SQLSTATE: dict[str, type[StockRefused]] = {
    "HM060": NotEnoughStock,
    "HM061": NotReserved,
    "HM062": MoreThanDelivered,
    "HM063": LocationUnknown,
    "HM064": BadQuantity,
    "HM065": CostMissing,
    "HM066": StockProtected,
    "HM067": StockProtected,
}


@contextmanager
def stock_rules() -> Iterator[None]:
    """Turn what the database's functions refuse, stock's or the books', into refusals in the reader's words."""
    try:
        yield
    except DatabaseError as error:
        cause = error.__cause__
        refusal = BY_SQLSTATE.get(str(getattr(cause, "sqlstate", "")))
        if refusal is None:
            if books := books_refusal_of(error):
                raise books from error
            raise
        detail = getattr(getattr(cause, "diag", None), "message_detail", None)
        raise refusal(**(json.loads(detail) if detail else {})) from error
