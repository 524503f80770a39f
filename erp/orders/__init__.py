"""Orders: what we are bound to deliver.

A deal won in the CRM becomes exactly one sales order: accepted (and stock reserved), held for a person of the order
desk, or refused in clear words. The promise itself is kept frozen beside it. Orders of our own start as a draft.
Shipping, invoices and returns move the lines' counters through the services here; when all is shipped, invoiced and
paid, the order is completed.

Emits erp.order.accepted / held / refused / cancelled / withdrawal_refused / completed and erp.credit.banded.
Handles crm.deal.won, crm.deal.withdrawn.
"""
