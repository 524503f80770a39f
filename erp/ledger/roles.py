"""Who reads the books and who writes them."""

WRITERS = ("accountant", "admin")
READERS = (*WRITERS, "auditor")
