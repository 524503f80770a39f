"""Statements: balance sheet and profit and loss, read from the ledger by layouts that are data.

A layout's rows say which accounts they sum (`10-12, !1250`) or which rows they add (`A + B - C`). Figures are computed
from folded sums, as of a day or over a span, compared with another, and as the books were known at a moment; each leads
to its accounts, from there to their lines, entries and documents.

Emits and handles no events.
"""
