"""Tax: what rate applied on a day, and when a deposit is taxed.

A tax class says how a product is taxed (standard, reduced, zero); its rates are dated per jurisdiction and are never
overwritten, so that an order of 1997 is taxed as in 1997. Rules say, by jurisdiction, kind of supply, basis and day,
when tax falls due: on a deposit, on the supply, on an earlier invoice (points.py, a pure function). Packs (data/) bring
the law of a country in.

Lines of the books carry their tax as `class:percent`. A VAT return sums them by forms that are data (boxes.py); once it
is filed the database takes no tax into its span, until a second person takes it up again to amend it.

Emits and handles no events.
"""
