"""What we sell, and at which dated price."""
