"""What openings refuse, and how the database says so: SQLSTATE HM07x and HM09x with the facts as JSON in DETAIL."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from base.refusals import Refused


class OpeningKnown(Refused):
    """The balances of a day come once."""

    message = _("The balances of {day} are here already, as {number}. Take that import back first.")
    field = "date"


class OpeningGone(Refused):
    """They were taken back."""

    message = _("The balances of {day} were taken back.")


class OpeningDiffers(Refused):
    """Balances balance, or a person says where the difference goes."""

    message = _(
        "Debits {debit} and credits {credit} differ by {difference}. Mend the file, or say that {account} takes it."
    )
    status = 422
    field = "difference"


class NowhereToWait(Refused):
    """The chart's account of opening balances lost its role; companies are set up with one."""

    message = _(
        "No account of the chart is the one for opening balances. An admin names it: an account of equity with the "
        "role “{role}”."
    )


class NothingOpens(Refused):
    """A file of zeros."""

    message = _("There is no balance in it.")
    status = 422


class ItemKnown(Refused):
    """A party's number is taken once."""

    message = _("{number} of {party} is here already.")
    field = "number"


class ItemStays(Refused):
    """The item was taken back."""

    message = _("{number} was taken back.")


class ItemUsed(Refused):
    """Something of it is paid."""

    message = _("{number} is paid in part or whole, and stays.")


class MoreThanOpen(Refused):
    """No more is settled than is open."""

    message = _("{number} has {open} open, {amount} is more. Ask what the rest is for, or keep it as credit.")
    field = "amount"


class PaidBeforeOpening(Refused):
    """What came before stands in the other system's books."""

    message = _("{number} is in these books from {date} on; what was paid before belongs to the other system.")
    field = "date"


_BY_STATE: dict[str, type[Refused]] = {"HM078": MoreThanOpen, "HM092": ItemUsed}


@contextmanager
def opening_rules() -> Iterator[None]:
    """Turn what the database refuses into refusals in the reader's words."""
    try:
        yield
    except DatabaseError as error:
        refusal = _BY_STATE.get(str(getattr(error.__cause__, "sqlstate", "")))
        if refusal is None:
            raise
        detail = getattr(getattr(error.__cause__, "diag", None), "message_detail", None)
        raise refusal(**json.loads(detail or "{}")) from error
