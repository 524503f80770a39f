"""Who keeps the payment terms, and who looks."""

KEEPERS = ("accountant", "admin")
READERS = (*KEEPERS, "auditor", "order_desk", "warehouse")
