"""What revaluations refuse, and how the database says so: SQLSTATE HM112."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from base.refusals import ChangedMeanwhile, Refused


class RevaluedLater(Refused):
    """What counts from a later day on does not change before it."""

    message = _("Items were revalued as at {later} already; take that back first.")
    field = "day"

    def __init__(self, *, later: date | str, **more: str) -> None:
        super().__init__(later=later, **more)


class TakenBack(Refused):
    """It is done once."""

    message = _("This revaluation was taken back by {number} already.")


class ItemMoved(Refused):
    """A difference was counted from the worth that it gave."""

    message = _("{number} was settled or revalued since: this revaluation stays. Revalue as at another day instead.")


@contextmanager
def revaluation_rules() -> Iterator[None]:
    """Turn what the database refuses into refusals in the reader's words."""
    try:
        yield
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") != "HM112":
            raise
        told = json.loads(getattr(getattr(error.__cause__, "diag", None), "message_detail", None) or "{}")
        if "later" in told:
            raise RevaluedLater(later=told["later"]) from error
        raise (ItemMoved(number=told["number"]) if "number" in told else ChangedMeanwhile()) from error
