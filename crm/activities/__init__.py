"""What was said and done, one timeline."""
