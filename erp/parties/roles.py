"""Who may see and set what of parties."""

KEEPERS = ("accountant", "admin")
READERS = ("order_desk", "warehouse", "auditor")
EVERYBODY = (*KEEPERS, *READERS)
# Who may know how far we trust a customer, in figures.
CREDIT_READERS = ("accountant", "auditor", "order_desk", "admin")
