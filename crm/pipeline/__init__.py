"""Deals on their way to a promise, and what becomes of it.

A deal is open, moves from stage to stage, and ends lost or won; a won deal may be withdrawn. Winning freezes what was
promised (the database refuses any later change) and emits `crm.deal.won`; withdrawing emits `crm.deal.withdrawn`, money
a rep heard of emits `crm.deposit.reported`. After the win the ERP has the word: its facts about the order (accepted,
held, refused, cancelled, withdrawal refused, completed), its shipments, invoices, credit notes and payments are handled
here, once each, and shown on the deal "as of" when the ERP said them.
"""
