"""Somebody who may buy one day: a person, a company, or just a phone number, before anybody knows whether it will.

A lead is new until somebody has spoken with them (contacted), then qualified; it ends converted, or lost with a reason.
It comes from the quick form, a card, a file, the API or a public web form, is scored by rules that show their reasons
(`scoring`), given to somebody by rules (`assigning`), and whoever has it is held to a first call by a clock that stands
still outside the shift (`waiting`). `conversion` makes account, contact and deal of it, once, and keeps the whole
timeline. A lead is never a party of the ERP: it emits nothing.

`Lead.objects.visible_to(user)` is the only door to leads for lists, pages, search and the API.
"""
