"""Who on this side sees which tier of figures; models name their fields' tiers in `TIERS`."""

FIELD_TIERS: dict[str, tuple[str, ...]] = {
    "price": ("order_desk", "accountant", "auditor", "admin"),
    "cost": ("accountant", "auditor", "admin"),
    "margin": ("accountant", "auditor", "admin"),
    "credit": ("accountant", "auditor", "order_desk", "admin"),
    "salary": ("accountant", "auditor", "admin"),
}
