"""What a unit of a foreign currency is worth in that of the books, day by day."""
