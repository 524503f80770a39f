"""Who may do what with orders."""

DESK = ("order_desk", "admin")
READERS = ("accountant", "warehouse", "auditor")
PRICE_READERS = ("order_desk", "accountant", "auditor", "admin")
