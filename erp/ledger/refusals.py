"""What the books refuse, and how the database says so: SQLSTATE HM0xx with the facts as JSON in DETAIL."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, ClassVar

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from base.refusals import ChangedMeanwhile, Refused


class BooksRefused(Refused):
    """A rule of the books says no; `line` (from 1) tells which line is meant, if any."""

    column: ClassVar[str] = ""

    @property
    def line(self) -> int | None:
        """The line the refusal is about."""
        number = self.facts.get("line")
        return int(number) if number else None

    @property
    def problem(self) -> dict[str, Any]:
        """As every refusal's; names the cell of the line that is meant."""
        body = super().problem
        if self.line and self.column:
            body["errors"] = [{"field": f"lines.{self.line - 1}.{self.column}", "message": str(self)}]
        return body


class NotBalanced(BooksRefused):
    """Debits and credits differ."""

    message = _("Debits {debit} and credits {credit} differ by {difference}.")
    status = 422


class TooFewLines(BooksRefused):
    """An entry moves something from somewhere to somewhere."""

    message = _("An entry needs at least two lines with an amount.")
    status = 422


class PeriodMissing(BooksRefused):
    """The day lies outside the books."""

    message = _("The books have no period for {date}.")
    status = 422
    field = "date"


class PeriodClosed(BooksRefused):
    """The period takes no entries of this kind any more."""

    message = _("The period {period} is {status}: no entry can be dated {date}.")
    field = "date"


class AccountUnknown(BooksRefused):
    """No account of this company has that code or role."""

    message = _("There is no account “{account}”.")
    status = 422
    column = "account"


class AccountClosed(BooksRefused):
    """A heading, or not in use any more."""

    message = _("Account {account} takes no entries: it is a heading or no longer in use.")
    status = 422
    column = "account"


class ControlAccount(BooksRefused):
    """Kept by documents; a voucher would set the books apart from them."""

    message = _("Account {account} is kept by documents (invoices, receipts, goods); a voucher cannot post there.")
    status = 422
    column = "account"


class CostCentreUnknown(BooksRefused):
    """No cost centre of this company has that code, or it is out of use."""

    message = _("There is no cost centre “{code}” in use.")
    status = 422
    column = "cost_centre"


class ProjectUnknown(BooksRefused):
    """No project of this company has that code, or it is out of use."""

    message = _("There is no project “{code}” in use.")
    status = 422
    column = "project"


UNKNOWN: dict[str, type[BooksRefused]] = {"cost_centre": CostCentreUnknown, "project": ProjectUnknown}
"""What is refused of each kind of dimension."""


class CostCentreMissing(BooksRefused):
    """The account asks for one from that day on."""

    message = _("Account {account} needs a cost centre.")
    status = 422
    column = "cost_centre"


class ProjectMissing(BooksRefused):
    """The account asks for one from that day on."""

    message = _("Account {account} needs a project.")
    status = 422
    column = "project"


class CostCentreAskedTooEarly(BooksRefused):
    """What an account asks for must be true of the lines that stand."""

    message = _("Account {account} has {count} lines without a cost centre since {date}; ask for it from a later day.")
    field = "cost_centre_from"


class ProjectAskedTooEarly(BooksRefused):
    """What an account asks for must be true of the lines that stand."""

    message = _("Account {account} has {count} lines without a project since {date}; ask for it from a later day.")
    field = "project_from"


class DocumentsPostThere(BooksRefused):
    """Documents name neither cost centre nor project, so their accounts cannot ask for one."""

    message = _("Documents post to account {account}, and they name no cost centre and no project.")
    status = 422
    field = "cost_centre_from"


class DimensionCodeTaken(BooksRefused):
    """A code names one cost centre, and one project."""

    message = _("“{code}” is there already.")
    field = "code"


class DimensionInUse(BooksRefused):
    """Lines and others below it rest on it."""

    message = _("“{what}” is named by lines, or others belong to it: it stays, and can be set out of use.")


class BelongsElsewhere(BooksRefused):
    """Above a cost centre stands another cost centre, and at the top none."""

    message = _("{code} cannot belong there: choose one of the same kind that does not stand below it.")
    status = 422
    field = "parent"


class DebitOrCredit(BooksRefused):
    """A line has one of the two, above zero."""

    message = _("Line {line} needs either a debit or a credit, above zero.")
    status = 422
    column = "debit"


class TooFine(BooksRefused):
    """More digits than the currency has."""

    message = _("Line {line} is finer than the currency allows.")
    status = 422
    column = "debit"


class JournalUnknown(BooksRefused):
    """No such journal in this company."""

    message = _("There is no journal “{journal}”.")
    status = 422
    field = "journal"


class KeyReused(BooksRefused):
    """The same key came with another body."""

    message = _("This was posted before as {number}, with another {what}: {was}, not {now}.")


class KeyTwice(BooksRefused):
    """One set names two different things by one key."""

    message = _("“{key}” stands twice in this set, with different contents.")
    status = 422


class AlreadyReversed(BooksRefused):
    """An entry is undone once."""

    message = _("This entry was already reversed by {reversal}.")


class ReversalOfReversal(BooksRefused):
    """What was undone stays undone; post anew instead."""

    message = _("{number} is itself a reversal; post a new entry instead.")


class ReversalTooEarly(BooksRefused):
    """A reversal cannot be dated before what it undoes."""

    message = _("{number} is of {date}; its reversal cannot be dated earlier.")
    status = 422
    field = "date"


class EntryUnknown(BooksRefused):
    """No such entry in this company."""

    message = _("There is no such entry.")
    status = 404


class UndoAtTheSource(BooksRefused):
    """A document stands behind the entry; undoing only the entry would set the books apart from it."""

    message = _("{number} was posted by a document ({source}); undo it there, by a credit note or a return.")


class InUse(BooksRefused):
    """Entries rest on it."""

    message = _("“{what}” has entries; this part of it cannot change any more.")


class PeriodStays(BooksRefused):
    """A period goes from open by closing to closed, and back by a second person; closed for good stays."""

    message = _("The period {period} is {status} and cannot become {asked}.")


class EarlierNotClosed(BooksRefused):
    """Periods are closed for good in their order."""

    message = _("Before {period} can be closed for good, every earlier period with entries must be.")


class ChecklistOpen(BooksRefused):
    """Something is still to do in the period."""

    message = _("{period} cannot be closed yet: {what} ({count}).")


class ReasonMissing(BooksRefused):
    """What should be done first may be left, but not without a word."""

    message = _("{what} ({count}): close it all the same only with a reason.")
    field = "reason"
    status = 422


class YearStays(BooksRefused):
    """The year's result cannot be transferred now."""

    message = _("The result of {year} cannot be transferred: {why}")


class SecondPersonNeeded(BooksRefused):
    """Two people, and a reason."""

    message = _("A period is opened again by somebody other than who closed it, and with a reason.")


class PaperStays(BooksRefused):
    """What is in the books keeps its papers."""

    message = _("{name} belongs to what is posted, and stays.")


class TaxFiled(BooksRefused):
    """The tax of that day is declared."""

    message = _("Tax of {starts_on} to {ends_on} is filed: nothing with tax can be dated {date} until it is amended.")
    field = "date"


class BooksProtected(BooksRefused):
    """Somebody tried to write past the posting function."""

    message = _("The books cannot be written this way; nothing was changed.")


BY_SQLSTATE: dict[str, type[BooksRefused]] = {
    "HM010": BooksProtected,
    "HM020": KeyReused,
    "HM021": NotBalanced,
    "HM022": TooFewLines,
    "HM023": PeriodMissing,
    "HM024": PeriodClosed,
    "HM025": AccountUnknown,
    "HM026": AccountClosed,
    "HM027": DebitOrCredit,
    "HM028": TooFine,
    "HM029": JournalUnknown,
    "HM030": AlreadyReversed,
    "HM031": ReversalOfReversal,
    "HM032": ReversalTooEarly,
    "HM033": ControlAccount,
    "HM034": EntryUnknown,
    "HM035": BooksProtected,
    "HM036": BooksProtected,
    "HM037": BooksProtected,
    "HM038": InUse,
    "HM039": BooksProtected,
    "HM040": PeriodStays,
    "HM041": SecondPersonNeeded,
    "HM042": BooksProtected,
    "HM043": EarlierNotClosed,
    "HM044": BooksProtected,
    "HM045": PaperStays,
    "HM046": CostCentreUnknown,
    "HM047": ProjectUnknown,
    "HM048": CostCentreMissing,
    "HM049": ProjectMissing,
    "HM050": CostCentreAskedTooEarly,
    "HM051": ProjectAskedTooEarly,
    "HM052": BelongsElsewhere,
    "HM080": TaxFiled,
}

# What the facts of a refusal may name, in the reader's words.
WORDS = {
    "journal": _("journal"),
    "date": _("date"),
    "text": _("text"),
    "source": _("source document"),
    "reverses": _("reversed entry"),
    "account": _("account"),
    "debit": _("debit"),
    "credit": _("credit"),
    "party": _("party"),
    "due": _("due date"),
    "tax_code": _("tax"),
    "currency": _("currency"),
    "foreign_amount": _("foreign amount"),
    "cost_centre": _("cost centre"),
    "project": _("project"),
    "open": _("open"),
    "closing": _("closing"),
    "closed": _("closed"),
    "hard": _("closed for good"),
}


def refusal_of(error: DatabaseError) -> BooksRefused | None:
    """The refusal that the database meant, or None when the error is something else."""
    cause = error.__cause__
    sqlstate = str(getattr(cause, "sqlstate", ""))
    if sqlstate not in BY_SQLSTATE:
        return None
    detail = getattr(getattr(cause, "diag", None), "message_detail", None)
    return refusal_by(sqlstate, detail)


def refusal_by(sqlstate: str, detail: str | None) -> BooksRefused:
    """The refusal that an SQLSTATE stands for; its facts come as JSON."""
    told: dict[str, Any] = json.loads(detail, parse_float=Decimal) if detail else {}
    for name in ("what", "status", "asked"):
        if told.get(name) in WORDS:
            told[name] = WORDS[told[name]]
    return BY_SQLSTATE[sqlstate](**told)


@contextmanager
def books_rules() -> Iterator[None]:
    """Turn what the database's functions refuse into refusals in the reader's words."""
    try:
        yield
    except DatabaseError as error:
        if refusal := refusal_of(error):
            raise refusal from error
        if "entry_key_once" in str(error):  # two at once, one of them in a set: sets hold no lock for every key
            raise ChangedMeanwhile from error
        raise
