"""What was said and done with a customer, and what the ERP told us: one timeline.

An entry is a note, a logged call or visit (with its outcome and an agreed next step), or a fact: facts come from
events, carry "as of" (when the ERP said it) and the event's id, and are never edited. Everybody who handles an event
that a customer's people should see calls `services.record_fact`. Handles `erp.party.opened`, `erp.party.classed` and
`erp.credit.banded`; emits nothing.
"""
