"""The books: accounts, periods, vouchers that people edit, and entries that only ever grow.

A voucher is a draft: it has states, an author, perhaps an approver. Posting copies it into a journal entry. Documents
of other domains (invoices, receipts, moves of goods) post directly. Both go through one function of the database,
`public.ledger_post(jsonb)`: it checks, numbers without a gap and writes in one round trip, and knows a repeated call
by its key. What comes by the thousand goes through its sister for sets (`sets.post_set`), under the same rules. Nobody
edits or deletes an entry; what was wrong is undone by a mirror entry that names what it reverses.
A line stands on an account and may name a cost centre and a project; an account may ask for them from a day on.
A period is open, closing (only the general journal may still post) or closed, and closed is for good.

Emits and handles no events: the ledger speaks to nobody outside the ERP.
"""
