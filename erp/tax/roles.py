"""Who keeps tax rates and files returns, and who reads them."""

KEEPERS = ("accountant", "admin")
BOOK_READERS = (*KEEPERS, "auditor")
READERS = (*BOOK_READERS, "order_desk")
