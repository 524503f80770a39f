"""Payment terms: when what is asked is to be paid, at once or in instalments.

Master data of the company, in lines of a share and a day. Customers and suppliers point at them; documents take their
plan from them when they are issued and keep it, so terms that are changed change nothing that was asked.
"""
