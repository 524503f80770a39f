"""Who decides on returns, who takes the goods in, who credits them, and who looks."""

DECIDERS = ("order_desk", "admin")
RECEIVERS = ("warehouse", "admin")
SETTLERS = ("accountant", "admin")
EVERYBODY = ("order_desk", "warehouse", "accountant", "auditor", "admin")
