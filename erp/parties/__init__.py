"""Customers and suppliers as the books know them."""
