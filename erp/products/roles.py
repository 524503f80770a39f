"""Who keeps the range, who looks, and who sees how low a price may go."""

KEEPERS = ("order_desk", "accountant", "admin")
READERS = ("warehouse", "auditor")
FLOOR_READERS = ("order_desk", "accountant", "auditor", "admin")
EVERYBODY = (*KEEPERS, *READERS)
