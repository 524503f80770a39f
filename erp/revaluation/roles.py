"""Who revalues, and who looks."""

WRITERS = ("accountant", "admin")
READERS = (*WRITERS, "auditor")
