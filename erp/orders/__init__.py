"""What we are bound to deliver."""
