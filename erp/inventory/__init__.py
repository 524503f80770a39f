"""Stock as double entry."""
