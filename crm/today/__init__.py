"""The rep's first page."""
