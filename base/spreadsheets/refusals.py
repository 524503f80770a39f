"""Why a file cannot be read as a table; each says what to do about it."""

from django.utils.translation import gettext_lazy as _

from base.refusals import Refused


class BadFile(Refused):
    """The file is no table that we can read."""

    message = _("This file cannot be read as a table.")
    status = 422
    field = "file"


class EmptyFile(BadFile):
    message = _("The file is empty.")


class NoRows(BadFile):
    message = _("The file has a header line but no rows below it.")


class FileTooLarge(BadFile):
    message = _("The file has {size} MB; up to {limit} MB can be read. Split it into several files.")


class TooManyRows(BadFile):
    message = _("The file has more than {limit} rows. Split it into several files.")


class TooManyColumns(BadFile):
    message = _("The file has more than {limit} columns.")


class CellTooLong(BadFile):
    message = _("Line {line} holds a cell of more than {limit} characters; that is no table we can read.")


class DuplicateHeader(BadFile):
    message = _("Two columns are called “{header}”. Give each column a name of its own.")


class NotASpreadsheet(BadFile):
    message = _("This is {what}, not a table. Save it as CSV or as an Excel workbook (.xlsx).")


class OldExcel(BadFile):
    message = _("This is an old Excel file (.xls). Open it and save it as an Excel workbook (.xlsx) or as CSV.")


class BadWorkbook(BadFile):
    message = _("This Excel workbook is damaged or protected by a password.")


class WorkbookBomb(BadFile):
    message = _("This workbook unpacks to far more than its size; it is refused for safety.")


class HasMacros(BadFile):
    message = _("This workbook contains macros. Save it as an Excel workbook without macros (.xlsx).")


class HasFormulas(BadFile):
    message = _(
        "Cell {cell} holds a formula. Copy the sheet, paste it as values into a new workbook, and send that one."
    )


class HasMergedCells(BadFile):
    message = _("The cells {cells} are merged. Unmerge them, so that each row has its own values.")


class WrongEncoding(BadFile):
    message = _("The file cannot be read as {encoding}. Choose another encoding.")
