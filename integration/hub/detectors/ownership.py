"""Fields that belong to the other side, and changes made to an old version."""

from typing import Any

from pydantic import BaseModel

from integration.contracts.customers import CustomerUpdated
from integration.hub.detectors.base import Finding, Told, finding

# Who may say a field, wherever it appears (architecture §5); the contracts' own fields need no mention.
OWNERS = {
    **dict.fromkeys(
        (
            "party", "payment_terms_days", "commercial_tier", "credit_class", "credit_limit", "credit_band", "band",
            "on_hold", "tax_class", "cost", "margin",
        ),
        "erp",
    ),
    **dict.fromkeys(
        ("tax_id", "people", "email", "phone", "street", "postal_code", "city", "sold_by", "won_at", "approved_by"),
        "crm",
    ),
}  # fmt: skip


def foreign_field(told: Told) -> Finding | None:
    """An event carries a field that only the other side may set. Pauses the record."""
    side = told.event.side
    for name, said in _strangers(told.event.data, type(told.fact)):
        owner = OWNERS.get(name)
        if owner is not None and owner != side:
            return finding("foreign-field", (name, said, _held(told, name)), key=name)
    if isinstance(told.fact, CustomerUpdated):
        for name in told.fact.changed:
            if OWNERS.get(name, side) != side:
                return finding("foreign-field", (name, "changed", _held(told, name)), key=name)
    return None


def _strangers(data: dict[str, Any], model: type[BaseModel]) -> list[tuple[str, Any]]:
    """Fields that the contract does not have, at the top and one level below."""
    found = []
    for name, value in data.items():
        field = model.model_fields.get(name)
        if field is None:
            found.append((name, value))
        elif isinstance(value, dict) and isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            inner = field.annotation.model_fields
            found += [(key, held) for key, held in value.items() if key not in inner]
    return found


def _held(told: Told, name: str) -> str:
    """The owner's last word, as far as the hub knows it."""
    customer = getattr(told.fact, "customer", "")
    customer = getattr(customer, "customer", customer)
    return str((told.facts(f"booked:{customer}") or {}).get(name, ""))


def stale_base(told: Told) -> Finding | None:
    """A change of a version that has been left behind. Pauses the record."""
    if not isinstance(told.fact, CustomerUpdated) or told.fact.snapshot.version is None:
        return None
    held = (told.facts(f"customer:{told.fact.customer}") or {}).get("version")
    if held is not None and told.fact.snapshot.version < int(held):
        return finding("stale-base", ("version", told.fact.snapshot.version, held))
    return None
