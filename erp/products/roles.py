"""Who keeps the range, and who looks."""

KEEPERS = ("order_desk", "accountant", "admin")
READERS = ("warehouse", "auditor")
EVERYBODY = (*KEEPERS, *READERS)
