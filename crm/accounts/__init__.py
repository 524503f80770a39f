"""Companies and people we sell to, and the persons we talk with there.

An account is made in a few fields. It stays the CRM's own affair until its first deal is won (or a quote wanted): then
`register` makes it a customer, tells the ERP once (`crm.customer.registered`), and every later change of its master
data is told too (`crm.customer.updated`), as is what becomes one or two again (`crm.customer.merged`, `.split`).
Party code, payment terms and credit band are the ERP's word, kept here read-only with "as of" (the handlers stand in
`crm.activities`, because each also leaves a line on the timeline).

`Account.objects.visible_to(user)` is the only door to accounts for lists, pages, search and the API.
The account page is open to higher domains: they register facts, actions and sections in `panels` when the app is ready.
"""
