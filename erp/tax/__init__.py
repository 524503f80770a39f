"""Tax: what rate applied on a day, and when a deposit is taxed.

A tax class says how a product is taxed (standard, reduced, zero); its rates are dated per jurisdiction and are never
overwritten, so that an order of 1997 is taxed as in 1997. Deposit rules say, by jurisdiction, kind of supply and day,
whether tax falls due when the money comes (receipt) or when the goods go (supply).

Emits and handles no events.
"""
