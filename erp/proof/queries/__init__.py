"""What must return no row, by subject: `QUERIES = {code: (the rule in words, the SQL)}`."""
