"""Foreign items at the rate of a period's end: what they are worth then stands in the books, and counts from there."""
