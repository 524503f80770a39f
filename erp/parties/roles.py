"""Who may see and set what of parties."""

KEEPERS = ("accountant", "admin")
READERS = ("order_desk", "warehouse", "auditor")
EVERYBODY = (*KEEPERS, *READERS)
