"""What is due, on one page."""
