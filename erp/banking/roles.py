"""Who may do what with money and invoices."""

ACCOUNTANTS = ("accountant", "admin")
AUDITORS = ("auditor",)
INVOICE_READERS = ("order_desk", *AUDITORS)
