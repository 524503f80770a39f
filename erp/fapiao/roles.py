"""Who asks for fapiaos, and who may look."""

WRITERS = ("accountant", "admin")
READERS = (*WRITERS, "auditor")
