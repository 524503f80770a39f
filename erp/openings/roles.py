"""Who brings opening balances and items in, and who reads them."""

WRITERS = ("accountant", "admin")
READERS = (*WRITERS, "auditor")
