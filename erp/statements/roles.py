"""Who draws up statements and who reads them."""

KEEPERS = ("accountant", "admin")
READERS = (*KEEPERS, "auditor")
