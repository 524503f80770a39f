"""Products as promised beside products as the ERP publishes them."""

from collections.abc import Iterator

from integration.contracts.deals import DealWon, DepositReported
from integration.contracts.invoices import InvoiceCredited, InvoiceIssued, PaymentReceived
from integration.contracts.orders import OrderAccepted
from integration.contracts.products import ProductPublished
from integration.contracts.returns import ReturnReceived, ReturnRequested
from integration.contracts.shipments import ShipmentDispatched
from integration.hub.detectors.base import Finding, Told, finding


def skus_of(fact: object) -> list[str]:
    """The products that a fact counts on."""
    if isinstance(fact, DealWon | OrderAccepted | ShipmentDispatched | ReturnRequested | ReturnReceived):
        return list(dict.fromkeys(line.sku for line in fact.lines))
    return []


def product(told: Told) -> Finding | None:
    """A promise names a product nobody publishes, one that is withdrawn, or one by the name it no longer has.

    A line without a list price never claimed to be of the catalogue: the rep was told so, and the order desk decides.
    """
    if isinstance(told.fact, ReturnRequested):
        for sku in skus_of(told.fact):
            if told.facts(f"product:{sku}") is None:
                return finding("unknown-product", ("sku", sku, ""), key=f"product:{sku}")
        return None
    if not isinstance(told.fact, DealWon):
        return None
    for line in told.fact.lines:
        if line.list_price is None:
            continue
        facts = told.facts(f"product:{line.sku}")
        if facts is None:
            return finding("unknown-product", ("sku", line.sku, ""), key=f"product:{line.sku}")
        if facts.get("state") == "withdrawn":
            return finding("withdrawn-product", (f"sku {line.sku}", "promised", "withdrawn"))
        if line.description in facts.get("former", ()) and line.description != facts.get("name"):
            return finding("renamed-product", (f"sku {line.sku}", line.description, facts.get("name", "")))
    return None


def unit(told: Told) -> Finding | None:
    """A unit changes under a product, or a promise counts in another unit than the product is sold in."""
    fact = told.fact
    if isinstance(fact, ProductPublished):
        facts = told.facts(f"product:{fact.sku}")
        if facts and facts.get("unit") and facts["unit"] != fact.unit:
            return finding("unit", ("unit", fact.unit, facts["unit"]))
    elif isinstance(fact, DealWon):
        for line in fact.lines:
            facts = told.facts(f"product:{line.sku}")
            if line.unit and facts and facts.get("unit") and facts["unit"] != line.unit:
                return finding("unit", (f"sku {line.sku}", line.unit, facts["unit"]))
    return None


def currency(told: Told) -> Finding | None:
    """A promise in a currency its products have no price in; a document in another currency than its order."""
    fact = told.fact
    if isinstance(fact, DealWon):
        for sku in skus_of(fact):
            priced = (told.facts(f"product:{sku}") or {}).get("currencies")
            if priced and fact.currency not in priced:
                return finding("currency", ("currency", fact.currency, ", ".join(priced)))
        return None
    for held in _currencies_before(told):
        said = getattr(fact, "currency", held)
        if held and said != held:
            return finding("currency", ("currency", said, held))
    return None


def _currencies_before(told: Told) -> Iterator[str]:
    fact = told.fact
    if isinstance(fact, InvoiceIssued | InvoiceCredited | PaymentReceived):
        yield str((told.facts(f"order:{fact.order}") or {}).get("currency", ""))
    elif isinstance(fact, OrderAccepted | DepositReported) and fact.deal:
        yield str((told.facts(f"deal:{fact.deal}") or {}).get("currency", ""))
