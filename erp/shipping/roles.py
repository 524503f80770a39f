"""Who sends goods, and who looks."""

KEEPERS = ("warehouse", "admin")
READERS = ("order_desk", "accountant", "auditor")
EVERYBODY = (*KEEPERS, *READERS)
