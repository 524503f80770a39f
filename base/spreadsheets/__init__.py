"""Tables in files: CSV in any common encoding and XLSX are read here, and written so that no cell becomes a formula.

`open_sheet(path)` tells headers and rows, whatever the file's encoding, delimiter and quotes; a file that cannot be a
table is refused by a class that says why. `csv_lines` and `write_xlsx` stream what they are given.
"""

from base.spreadsheets.reading import ENCODINGS, Cell, Row, Sheet, open_sheet
from base.spreadsheets.refusals import BadFile
from base.spreadsheets.writing import BOM, csv_line, csv_lines, neutralised, readable, write_csv, write_xlsx

__all__ = [
    "BOM",
    "ENCODINGS",
    "BadFile",
    "Cell",
    "Row",
    "Sheet",
    "csv_line",
    "csv_lines",
    "neutralised",
    "open_sheet",
    "readable",
    "write_csv",
    "write_xlsx",
]
