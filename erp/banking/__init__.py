"""Money that came in, and deposits."""
