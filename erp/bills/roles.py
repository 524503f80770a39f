"""Who writes and pays bills, and who reads them."""

WRITERS = ("accountant", "admin")
READERS = (*WRITERS, "auditor")
