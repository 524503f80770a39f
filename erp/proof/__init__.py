"""The proof: every invariant of the ERP as a query that must return no row.

The database refuses what would break an invariant at the moment it is tried; the proof looks at what stands there, so
that also what was restored, migrated or done by somebody with the owner's password is seen. It runs every night and
whenever somebody asks (`./manage.py erp prove`, the page, the API), reads one snapshot of everything, and keeps what it
found. Tells no events; whoever keeps the books hears when a row is found.
"""
