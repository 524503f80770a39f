"""`make demo`: Northwind's orders, played again by the people of both sides in a deployment of their own.

`northwind` knows the data and what befalls which order, `deployment` runs an own Heming, `actors` are the people with
their tokens, `opening` is the day before the first order, `story` is one order's life, `facts` asks both sides what
they know at the end, `checks` compares it, `report` prints it, `play` is the director.
"""
