"""Northwind's files as plain values, and the fixed rules of what happens to which order.

Amounts are euros. A product's prices are dated from the orders themselves: a price holds from the day of the first
order that shows it until an order shows another one.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from functools import cache

from deploy.environment import ROOT

FOLDER = ROOT / "demo" / "northwind"
CENT = Decimal("0.01")
COST_SHARE = Decimal("0.60")  # opening stock is valued at this share of the list price
SHORT_SHARE = Decimal("0.80")  # what is there at first of a product that runs short on purpose
UNKNOWN_SKU = "NW-TYPO-{order}"


@dataclass(frozen=True)
class Company:
    """A customer or a supplier."""

    key: str
    name: str
    contact: str
    contact_title: str
    address: str
    city: str
    region: str
    postal_code: str
    country: str
    phone: str


@dataclass(frozen=True)
class Product:
    """What is sold, with its supplier's key."""

    sku: str
    name: str
    unit: str
    category: str
    supplier: str
    discontinued: bool
    list_price: Decimal


@dataclass(frozen=True)
class Price:
    """What a product costs from a day on."""

    sku: str
    amount: Decimal
    valid_from: date


@dataclass(frozen=True)
class Line:
    """One product in an order."""

    sku: str
    quantity: int
    unit_price: Decimal
    discount: Decimal

    @property
    def net(self) -> Decimal:
        """Quantity × price less discount, to the cent.

        >>> Line("NW-1", 3, Decimal("4.45"), Decimal("0.1")).net
        Decimal('12.02')
        """
        return (self.quantity * self.unit_price * (1 - self.discount)).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Fate:
    """What happens to an order besides being won, shipped, invoiced and paid."""

    unknown_product: bool = False
    cancelled: bool = False
    credit_hold: bool = False
    hold_refused: bool = False
    deposit: bool = False
    two_shipments: bool = False
    returned: bool = False


@dataclass(frozen=True)
class Order:
    """One order as Northwind had it, and its fate here."""

    number: int
    customer: str
    ordered_on: date
    requested_on: date
    freight: Decimal
    carrier: str
    lines: tuple[Line, ...]
    fate: Fate

    @property
    def net(self) -> Decimal:
        """The lines' sum, without freight and tax."""
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def delivered(self) -> bool:
        """Does it end with goods at the customer's?"""
        return not (self.fate.unknown_product or self.fate.cancelled or self.fate.hold_refused)


def fate_of(number: int, lines: int, first_quantity: int) -> Fate:
    """The rule; it looks at the order's number only, so every run does the same.

    An order has one unhappy end at most; deposits, split shipments and returns come to orders that are delivered.

    >>> fate_of(10260, 4, 16)
    Fate(unknown_product=False, cancelled=False, credit_hold=False, hold_refused=False, deposit=False, \
two_shipments=True, returned=False)
    """
    if number % 41 == 3:
        return Fate(unknown_product=True)
    if number % 31 == 5:
        return Fate(cancelled=True)
    if number % 29 == 4:  # never a customer's first order: nobody holds what nobody knows
        return Fate(credit_hold=True, hold_refused=number % 2 == 0)
    return Fate(
        deposit=number % 9 == 2,
        two_shipments=number % 5 == 0 and (lines > 1 or first_quantity > 1),
        returned=number % 13 == 4,
    )


@cache
def orders(limit: int | None = None) -> tuple[Order, ...]:
    """The first `limit` orders by date, or all 830."""
    carriers = {row["ShipperID"]: row["CompanyName"] for row in _rows("shippers")}
    lines: dict[str, list[Line]] = {}
    for row in _rows("order_details"):
        line = Line(sku(row["ProductID"]), int(row["Quantity"]), Decimal(row["UnitPrice"]), Decimal(row["Discount"]))
        lines.setdefault(row["OrderID"], []).append(line)
    rows = sorted(_rows("orders"), key=lambda row: (row["OrderDate"], int(row["OrderID"])))
    return tuple(_order(row, tuple(lines[row["OrderID"]]), carriers) for row in rows[:limit])


def customers() -> list[Company]:
    """All 93, the two junk ones included."""
    return [_company(row, row["CustomerID"].strip()) for row in _rows("customers")]


def suppliers() -> list[Company]:
    """All 29."""
    return [_company(row, row["SupplierID"]) for row in _rows("suppliers")]


def products() -> list[Product]:
    """All 77."""
    categories = {row["CategoryID"]: row["CategoryName"] for row in _rows("categories")}
    return [
        Product(
            sku=sku(row["ProductID"]),
            name=row["ProductName"],
            unit=row["QuantityPerUnit"],
            category=categories[row["CategoryID"]],
            supplier=row["SupplierID"],
            discontinued=row["Discontinued"] == "1",
            list_price=Decimal(row["UnitPrice"]),
        )
        for row in _rows("products")
    ]


def prices(wanted: Iterable[Order]) -> list[Price]:
    """Each product's price versions as these orders show them, oldest first."""
    found: dict[str, list[Price]] = {}
    for order in wanted:
        for line in order.lines:
            known = found.setdefault(line.sku, [])
            if not known or known[-1].amount != line.unit_price:
                known.append(Price(line.sku, line.unit_price, order.ordered_on))
    return [price for versions in found.values() for price in versions]


def opening_stock(wanted: Iterable[Order]) -> dict[str, int]:
    """What these orders need of each product; every eleventh product is short on purpose and must be bought again."""
    needed = quantities_needed(wanted)
    return {name: int(need * SHORT_SHARE) if is_short(name) else need for name, need in needed.items()}


def restock(wanted: Iterable[Order]) -> dict[str, int]:
    """What has to come later for the products that are short."""
    needed = quantities_needed(wanted)
    opening = opening_stock(wanted)
    return {name: need - opening[name] for name, need in needed.items() if need > opening[name]}


def quantities_needed(wanted: Iterable[Order]) -> dict[str, int]:
    """The sum per product over the orders that will be delivered or may reserve goods for a while."""
    needed: dict[str, int] = {}
    for order in wanted:
        for line in order.lines:
            needed[line.sku] = needed.get(line.sku, 0) + line.quantity
    return needed


def is_short(name: str) -> bool:
    """NW-11, NW-22, … run short."""
    return int(name.removeprefix("NW-")) % 11 == 0


def opening_cost(price: Decimal) -> Decimal:
    """What a unit of opening stock is worth.

    >>> opening_cost(Decimal("9.80"))
    Decimal('5.88')
    """
    return (price * COST_SHARE).quantize(CENT, ROUND_HALF_UP)


def first_part(quantity: int) -> int:
    """What the first of two shipments carries of a line: the larger half.

    >>> first_part(5), first_part(1)
    (3, 1)
    """
    return int((Decimal(quantity) / 2).to_integral_value(ROUND_CEILING))


def returned_part(quantity: int) -> int:
    """What comes back of the first line of an order that is returned in part.

    >>> returned_part(12), returned_part(1)
    (3, 1)
    """
    return max(1, quantity // 4)


def sku(product_id: str) -> str:
    """Our name for Northwind's product number."""
    return f"NW-{product_id}"


def _order(row: dict[str, str], lines: tuple[Line, ...], carriers: dict[str, str]) -> Order:
    number = int(row["OrderID"])
    return Order(
        number=number,
        customer=row["CustomerID"].strip(),
        ordered_on=_day(row["OrderDate"]),
        requested_on=_day(row["RequiredDate"]),
        freight=Decimal(row["Freight"]).quantize(CENT),
        carrier=carriers[row["ShipVia"]],
        lines=lines,
        fate=fate_of(number, len(lines), lines[0].quantity),
    )


def _company(row: dict[str, str], key: str) -> Company:
    return Company(
        key=key,
        name=row["CompanyName"].strip(),
        contact=row["ContactName"],
        contact_title=row["ContactTitle"],
        address=row["Address"],
        city=row["City"],
        region=row["Region"],
        postal_code=row["PostalCode"],
        country=row["Country"],
        phone=row["Phone"],
    )


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)
