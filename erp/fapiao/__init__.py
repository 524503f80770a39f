"""The register of e-fapiaos: what the tax bureau issued for our invoices, and the red letters that take it back.

A **fapiao** (blue) is asked for a posted invoice of a company in China and says just what its goods and freight say,
rate by rate. The provider issues it with a number, or refuses; an accountant may also record one that was issued by
hand on the bureau's pages. An invoice has one that counts, at most.

A **red letter** is a fapiao of its own that takes a blue one back: all that is left of it, or what a credit note takes
off the invoice. While one is asked for, the blue one waits; when nothing is left of it, it is reversed, and the invoice
may be issued anew.

The **provider** is whoever carries requests to the bureau and brings answers: `provider` says what it must be able to
do, `folder` does it with files, `carrying` runs it. Nothing here is booked: the invoice and the credit note are.
"""
