"""Who moves goods, who looks, and who sets stock against the books."""

KEEPERS = ("warehouse", "accountant", "admin")
READERS = ("order_desk", "auditor")
EVERYBODY = (*KEEPERS, *READERS)
# Whose work it is to compare stock and books.
VALUERS = ("accountant", "auditor", "admin")
