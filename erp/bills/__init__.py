"""Bills: what suppliers ask of us, from the draft over the books to the payment.

A bill is a draft that people edit until it is posted: Dr expense and input tax, Cr payable. A supplier's number is
taken once. Where the recipient owes the tax (reverse charge, acquisitions) both sides of it are booked and the supplier
gets the net. What is open of it moves with its payments only.

Emits and handles no events.
"""
