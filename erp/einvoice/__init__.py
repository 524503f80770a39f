"""Electronic invoices after EN 16931, out and in; the norm's own words, and nothing of our books.

`document` is an invoice as the norm sees it, `binding` the engine that reads and writes by tables, `ubl` and `cii` the
two tables, `rules` the official check, `reading` takes what comes from outside, `pdf` prints with the XML inside.
Invoicing maps its frozen documents to it (erp/invoices/electronic.py).
"""
