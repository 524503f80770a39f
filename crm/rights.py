"""Who on this side sees which tier of figures; models name their fields' tiers in `TIERS`."""

FIELD_TIERS: dict[str, tuple[str, ...]] = {
    "price": ("rep", "agent", "manager", "admin"),
    "cost": ("manager", "admin"),
    "margin": ("manager", "admin"),
    # The band is for everyone; the class that the books gave is not for those who only answer tickets.
    "credit": ("rep", "manager", "admin"),
    "salary": ("admin",),
}
