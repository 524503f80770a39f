"""Who keeps the letterhead and receives documents, and who may look."""

KEEPERS = ("accountant", "admin")
READERS = (*KEEPERS, "auditor")
