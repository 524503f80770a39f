"""Parties: whom we sell to and buy from, as the books know them.

A customer arrives from the CRM (its uuid is the shared name) and gets a code for good; who they are stays the CRM's to
say, on which terms they buy is ours alone. Suppliers are opened here. A party with documents is never deleted.

Emits erp.party.opened, erp.party.classed. Handles crm.customer.registered, crm.customer.updated,
crm.customer.merged, crm.customer.split (documents stay, parties are linked).
"""
