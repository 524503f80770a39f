"""The wire as a side's own admins see it: what its inbox holds back, what its outbox waits with, and what was refused
at its door. Installed on the two sides; the hub has pages of its own (`integration.hub`). No tables: those of `inbox`
and `outbox`.
"""
