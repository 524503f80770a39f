"""Who in the hub sees which tier of figures inside the events that pass through."""

FIELD_TIERS: dict[str, tuple[str, ...]] = {
    "price": ("operator", "auditor", "admin"),
    "cost": ("auditor", "admin"),
    "margin": ("auditor", "admin"),
    "credit": ("auditor", "admin"),
    "salary": (),
}
