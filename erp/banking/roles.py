"""Who may do what with money and invoices."""

ACCOUNTANTS = ("accountant", "admin")
AUDITORS = ("auditor",)
INVOICE_READERS = ("order_desk", *AUDITORS)
BANK_READERS = (*ACCOUNTANTS, *AUDITORS)
DOCUMENT_READERS = (*ACCOUNTANTS, *INVOICE_READERS)
