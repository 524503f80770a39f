"""Who in the hub reads, who acts and who grants, and who sees which tier of figures inside the events that pass
through: said here and nowhere else. `integration.hub.roles` asks it at every door.
"""

OPERATORS = ("operator", "admin")
AUDITORS = ("auditor",)
READERS = (*OPERATORS, *AUDITORS)
GRANTERS = ("admin",)
"""Who lets a restricted contract go to a side."""

WIRE_READERS = ("admin", "auditor")
"""On every side: who sees what its inbox and outbox hold, and what was refused at its door. Its admins act."""

FIELD_TIERS: dict[str, tuple[str, ...]] = {
    "price": READERS,
    "cost": ("auditor", "admin"),
    "margin": ("auditor", "admin"),
    "credit": ("auditor", "admin"),
    "salary": (),
}
