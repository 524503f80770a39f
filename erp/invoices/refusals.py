"""What invoicing refuses, and how the database says so: SQLSTATE HM07x with the facts as JSON in DETAIL."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from base.refusals import Refused
from erp.rates.refusals import RevaluedSince


class NothingToInvoice(Refused):
    """Everything shipped is on an invoice already, or nothing was shipped yet."""

    message = _("Nothing of {order} is shipped and not yet invoiced.")


class DatesOutOfOrder(Refused):
    """The law wants the dates of invoices in the order of their numbers."""

    message = _("The last number of this year is dated {last_date}; this one cannot be dated {date}.")
    field = "date"


class KeyUsed(Refused):
    """The same key came for something else."""

    message = _("{number} was issued before under this key, with another {what}: {was}, not {now}.")


class NotShipped(Refused):
    """Only what was shipped is invoiced."""

    message = _("More of {sku} would be invoiced than was shipped.")


class NotInvoiced(Refused):
    """Only what was invoiced, and not credited yet, can be credited."""

    message = _("Only {quantity} of {sku} can still be credited.")
    field = "lines"


class CreditTooMuch(Refused):
    """Somebody else credited the same goods."""

    message = _("More of {sku} would be credited than was invoiced.")


class DepositUsedTwice(Refused):
    """Somebody else used the same deposit."""

    message = _("A deposit of this order was used in the meantime; look again.")


class MoreThanOpen(Refused):
    """An invoice takes no more money than it asks for."""

    message = _("{number} has {open} open, {amount} is more. Ask what the rest is for, or keep it as credit.")
    field = "amount"


class NoRest(Refused):
    """Everything of the payment settles something, or was paid back."""

    message = _("Nothing of {number} is left.")


class NothingOpen(Refused):
    """There is no invoice that the credit could settle."""

    message = _("{party} has no invoice open.")


class NotPayable(Refused):
    """A credit note is refunded, an invoice is paid."""

    message = _("{number} is a credit note: refund it instead.")


class NotRefundable(Refused):
    """Only a credit note is paid back."""

    message = _("{number} is an invoice: credit it first.")


class NothingLeftToRefund(Refused):
    """The credit was set off or paid back already."""

    message = _("Nothing of {number} is left to pay back.")


class PaidBeforeInvoice(Refused):
    """Money that comes before the invoice is a deposit."""

    message = _("{number} is dated {date}: money that came before is a deposit.")
    field = "date"


class RestTaken(Refused):
    """Somebody else used or paid back the same credit."""

    message = _("Only {rest} of {number} is left now; look again.")


_BY_STATE: dict[str, type[Refused]] = {
    "HM070": DatesOutOfOrder,
    "HM073": NotShipped,
    "HM074": CreditTooMuch,
    "HM075": DepositUsedTwice,
    "HM078": MoreThanOpen,
    "HM086": RestTaken,
    "HM113": RevaluedSince,
}


@contextmanager
def invoice_rules() -> Iterator[None]:
    """Turn what the database refuses into refusals in the reader's words."""
    try:
        yield
    except DatabaseError as error:
        refusal = _BY_STATE.get(str(getattr(error.__cause__, "sqlstate", "")))
        if refusal is None:
            raise
        detail = getattr(getattr(error.__cause__, "diag", None), "message_detail", None)
        raise refusal(**json.loads(detail or "{}")) from error
