"""Steps that a record's life does not allow."""

from integration.contracts import deals, invoices, orders, products, returns, shipments
from integration.hub.detectors.base import Finding, Told, finding

# What a record must be (or "", nothing told yet) for a fact to follow; facts not named here may come at any time.
_ORDER: dict[type, tuple[str, ...]] = {
    orders.OrderAccepted: ("", "held"),
    orders.OrderHeld: ("",),
    orders.OrderRefused: ("", "held"),
    orders.OrderCancelled: ("", "held", "accepted"),
    orders.OrderCompleted: ("accepted",),
    shipments.ShipmentDispatched: ("accepted",),
    invoices.InvoiceIssued: ("accepted", "completed"),
}
_RETURN: dict[type, tuple[str, ...]] = {
    returns.ReturnAuthorised: ("", "requested"),
    returns.ReturnRefused: ("", "requested"),
    returns.ReturnReceived: ("authorised", "received"),
    returns.ReturnSettled: ("received",),
}
_DEAL: dict[type, tuple[str, ...]] = {deals.DealWon: ("",), deals.DealWithdrawn: ("won",)}
_PRODUCT: dict[type, tuple[str, ...]] = {products.ProductWithdrawn: ("published",)}

STEPS: tuple[tuple[str, str, dict[type, tuple[str, ...]]], ...] = (
    ("order", "order", _ORDER),
    ("return", "request", _RETURN),
    ("deal", "deal", _DEAL),
    ("product", "sku", _PRODUCT),
)
STATE_AFTER: dict[type, str] = {
    orders.OrderAccepted: "accepted",
    orders.OrderHeld: "held",
    orders.OrderRefused: "refused",
    orders.OrderCancelled: "cancelled",
    orders.OrderCompleted: "completed",
    returns.ReturnRequested: "requested",
    returns.ReturnAuthorised: "authorised",
    returns.ReturnRefused: "refused",
    returns.ReturnReceived: "received",
    returns.ReturnSettled: "settled",
    deals.DealWon: "won",
    deals.DealWithdrawn: "withdrawn",
    products.ProductPublished: "published",
    products.ProductWithdrawn: "withdrawn",
}


def state(told: Told) -> Finding | None:
    """A fact that cannot follow what was told of the record before. Pauses the record."""
    for noun, field, steps in STEPS:
        allowed = steps.get(type(told.fact))
        if allowed is None:
            continue
        name = f"{noun}:{getattr(told.fact, field)}"
        held = str((told.facts(name) or {}).get("state", ""))
        if held not in allowed:
            step = STATE_AFTER.get(type(told.fact), told.event.type)
            return finding("state", ("state", step, held or "nothing"), key=name)
    return None
