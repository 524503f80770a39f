"""Who keeps the rates, and who looks."""

KEEPERS = ("accountant", "admin")
READERS = (*KEEPERS, "auditor", "order_desk")
