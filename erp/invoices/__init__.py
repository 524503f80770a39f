"""What customers owe: invoices, credit notes, and what settles them.

An **invoice** is issued whole and stays: everything of an order that was shipped and not yet invoiced, the freight
once with the first, deposits taken off by negative lines with the tax they were booked with, oldest first, never below
zero. It is issued once: the order's row is locked, its part of the order is unique, the database refuses more than was
shipped. The number comes last, inside the one SQL function that may write invoices (sql/issue.sql): no gap, and dates
in number order.

A **credit note** takes goods off an invoice at that invoice's own prices and rates. It settles what is still open of
the order's invoices; the rest is the customer's, and `refund` pays it out.

**Allocations** say which receipt or credit note settled which document. The open item is kept by the database with
each allocation and can never fall below zero; open, partly paid and paid are read from it. An overpayment of an invoice
is refused with clear words: the accountant books what the invoice still asks for and asks the customer about the rest.

Emits `erp.invoice.issued`, `erp.invoice.credited`, `erp.payment.received`, and for the joint view only
`erp.margin.booked` (margins.py).
"""
