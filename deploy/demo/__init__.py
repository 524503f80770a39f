"""`make demo`: the whole of Heming on real input, headless, in a deployment of its own.

Northwind's orders are played again through the public APIs by the people who would do it: a rep wins, the order desk
decides on held orders, the warehouse ships, the accountant invoices and takes the money.  `northwind` reads the data
and decides by fixed rules what happens to which order.
"""
