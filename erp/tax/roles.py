"""Who keeps tax rates and who reads them."""

KEEPERS = ("accountant", "admin")
READERS = (*KEEPERS, "auditor", "order_desk")
