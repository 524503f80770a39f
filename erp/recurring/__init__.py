"""Vouchers that come again: written once as a pattern, then as a draft on every day that they are due.

Rent, wages and depreciation come every month; a prepaid year is spread over its months to the cent; a pattern without
a rhythm is a template. The clock writes drafts, people post them: nothing gets into the books unseen. What a voucher
accrues is reversed on its own day by `erp.ledger`.

Emits and handles no events.
"""
