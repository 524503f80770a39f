"""Who may do what with orders."""

DESK = ("order_desk", "admin")
READERS = ("accountant", "warehouse", "auditor")
EVERYBODY = (*DESK, *READERS)
ALLOCATORS = (*DESK, "warehouse")
