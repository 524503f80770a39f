"""Journals of beancount and hledger, read: what transactions, balance assertions and prices such a file tells.

`read(text, base)` finds out which of the two it is, reads it line by line (`beancount.py`, `hledger.py`), and weighs
every transaction in the base currency (`weighing.py`). Only a documented part of the two languages is read
(docs/guide/import.md). What is outside of it is a problem with its line and a reason, and what does not bear on the
books (notes, documents, tags) is counted: nothing is passed over in silence.
"""
