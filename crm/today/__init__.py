"""The rep's first page: what to do today, what is new from the ERP, and the open deals at a glance.

Has no tables; it reads deals and the timeline and calls their services. Emits and handles nothing.
"""
