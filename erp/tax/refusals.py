"""What filing refuses, and how the database says so: SQLSTATE HM08x with the facts as JSON in DETAIL."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from base.refusals import Refused


class AlreadyFiled(Refused):
    """A span is declared once."""

    message = _("{starts_on} to {ends_on}, or a part of it, is on a return already.")
    field = "start"


class FiguresStale(Refused):
    """Somebody posted tax in the meantime."""

    message = _("The books have moved: output tax is {output_tax} now, input tax {input_tax}. Look again.")


class NotFiled(Refused):
    """Only what is filed can be taken up again."""

    message = _("This return is being amended already.")


class SecondPersonAmends(Refused):
    """Two people, and a reason."""

    message = _("A filed return is taken up again by somebody other than {by}, who filed it, and with a reason.")


class ReturnProtected(Refused):
    """Somebody tried to write past the functions."""

    message = _("Returns cannot be written this way; nothing was changed.")


class TaxLeftOut(Refused):
    """Tax stands in the books that no box would declare."""

    message = _("{amount} of tax with the code “{code}” is counted by no box of this form. Correct its entries first.")


class NotOver(Refused):
    """The span must be over."""

    message = _("{ends_on} is still to come.")
    status = 422
    field = "start"


class NoForm(Refused):
    """Nobody has said which return the company files."""

    message = _("It is not known which VAT return is filed here: choose it under “How we are taxed”.")
    status = 422


_BY_STATE: dict[str, type[Refused]] = {
    "HM081": AlreadyFiled,
    "HM082": FiguresStale,
    "HM083": NotFiled,
    "HM084": SecondPersonAmends,
    "HM085": ReturnProtected,
}


@contextmanager
def filing_rules() -> Iterator[None]:
    """Turn what the database refuses into refusals in the reader's words."""
    try:
        yield
    except DatabaseError as error:
        refusal = _BY_STATE.get(str(getattr(error.__cause__, "sqlstate", "")))
        if refusal is None:
            raise
        detail = getattr(getattr(error.__cause__, "diag", None), "message_detail", None)
        raise refusal(**json.loads(detail or "{}")) from error
