"""Read-only copies of the ERP's products and prices."""
