"""What the register refuses, and how the database says so: SQLSTATE HM12x, and the names of its constraints."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput, ChangedMeanwhile, Refused


class NotForFapiao(Refused):
    """Only what a company in China invoiced in its currency has one."""

    message = _("{number} has no fapiao: these are issued for invoices in CNY of a company in China.")
    status = 422


class HasFapiao(Refused):
    """An invoice has one that counts."""

    message = _("{invoice} has a fapiao already, or one is asked for.")


class NothingToSay(Refused):
    """A fapiao over nothing is none."""

    message = _("{invoice} asks for nothing: there is nothing to issue a fapiao for.")


class BadTaxNumber(BadInput):
    """The number says by its last sign whether it was typed right."""

    message = _("“{number}” is not a unified social credit code: 18 digits and capital letters, the last one a check.")
    field = "buyer_tax_number"


class TaxNumberMissing(BadInput):
    """A special fapiao is for a buyer who deducts the tax."""

    message = _("A special fapiao needs the buyer's tax number.")
    field = "buyer_tax_number"


class NoTaxToDeduct(BadInput):
    """Without tax there is nothing to deduct."""

    message = _("{invoice} has no tax: it gets an ordinary fapiao.")
    field = "kind"


class SellerUnknown(Refused):
    """The bureau must know who issues."""

    message = _("Our own tax number is not on the letterhead yet, or is no unified social credit code.")
    status = 422


class BadNumber(BadInput):
    """Digital ones have twenty digits; older ones a code of ten or twelve and a number of eight."""

    message = _("A fapiao number has 20 digits; an older one 8, with a code of 10 or 12.")
    field = "number"


class NumberTaken(Refused):
    """The bureau gives a number once."""

    message = _("Fapiao {number} is in the register already.")
    field = "number"


class RedBeforeBlue(Refused):
    """A red letter comes after what it takes back."""

    message = _("The fapiao was issued on {issued_on}: a red letter cannot be dated before that.")
    field = "issued_on"


class RedLetterWaits(Refused):
    """One red letter at a time."""

    message = _("A red letter of {number} is asked for already.")


class NotWhole(BadInput):
    """An error is taken back whole, whatever came back of the goods."""

    message = _("An invoicing error is taken back whole: choose all that is left, not a credit note.")
    field = "reason"


class NotOfThisInvoice(BadInput):
    """A credit note takes back what it credits."""

    message = _("{note} takes nothing off {invoice}.")
    field = "credit_note"


class NoteTaken(Refused):
    """A credit note is taken back once."""

    message = _("{note} has its red letter already.")
    field = "credit_note"


class AnsweredOtherwise(Refused):
    """A second answer says something else than the first."""

    message = _("{what} is {state} already; this answer says something else.")


class WithTheProvider(Refused):
    """What was sent may be issued any moment."""

    message = _("{what} was sent to the provider: wait for the answer, or enter the number that was issued.")


_BY_CONSTRAINT: dict[str, type[Refused]] = {
    "fapiao_one_effective": HasFapiao,
    "fapiao_one_red_letter_at_a_time": RedLetterWaits,
    "fapiao_credit_note_once": NoteTaken,
    "fapiao_number_once": NumberTaken,
}
_BY_STATE: dict[str, type[Refused]] = {"HM123": RedBeforeBlue, "HM122": ChangedMeanwhile}


@contextmanager
def fapiao_rules(**facts: Any) -> Iterator[None]:
    """Turn what the database refuses into refusals in the reader's words; `facts` fill those of constraints."""
    try:
        yield
    except DatabaseError as error:
        cause = error.__cause__
        diag = getattr(cause, "diag", None)
        known = _BY_CONSTRAINT.get(getattr(diag, "constraint_name", None) or "")
        if known is not None:
            raise known(**facts) from error
        refusal = _BY_STATE.get(str(getattr(cause, "sqlstate", "")))
        if refusal is None:
            raise
        raise refusal(**json.loads(getattr(diag, "message_detail", None) or "{}")) from error
