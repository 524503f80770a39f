"""Returns: goods that come back.

Asked for on a ticket in the CRM (one request, one return), authorised or refused by the order desk, received by the
warehouse at the very value at which the goods left, settled by the accountant with a credit note.

Emits erp.return.authorised / refused / received / settled. Handles crm.return.requested.
"""
