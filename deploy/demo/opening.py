"""The day before the first order: suppliers and products in the ERP, customers in the CRM, goods on the shelves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Lock

from deploy.demo import northwind
from deploy.demo.actors import Accountant, Agent, OrderDesk, Rep, Warehouse
from deploy.demo.deployment import Deployment
from deploy.demo.northwind import Order, Price, Product
from deploy.demo.waiting import until

FULL_RATE = "Beverages"  # other food is taxed at the reduced rate
CATALOGUE_TIMEOUT_S = 60.0

Said = Callable[[str], None]


@dataclass
class World:
    """The people, and what they must remember while they work."""

    rep: Rep
    agent: Agent
    desk: OrderDesk
    warehouse: Warehouse
    accountant: Accountant
    second_accountant: Accountant
    accounts: dict[str, str] = field(default_factory=dict)  # Northwind's customer → the CRM's account
    costs: dict[str, Decimal] = field(default_factory=dict)
    to_restock: dict[str, int] = field(default_factory=dict)
    restocking: Lock = field(default_factory=Lock)
    customers: dict[str, Lock] = field(default_factory=dict)  # while it is decided what of them is held

    @classmethod
    def of(cls, deployment: Deployment) -> "World":
        """Everybody comes to work."""
        return cls(
            Rep(deployment),
            Agent(deployment),
            OrderDesk(deployment),
            Warehouse(deployment),
            Accountant(deployment),
            Accountant(deployment, 1),
        )

    def restock(self, sku: str) -> None:
        """Buy what the opening stock was short of; once, whoever notices first."""
        with self.restocking:
            quantity = self.to_restock.pop(sku, 0)
            if quantity:
                self.warehouse.receive(sku, quantity, self.costs[sku], "Bought again")


def prepare(world: World, orders: Sequence[Order], say: Said) -> None:
    """Everything the orders need, entered as its people would enter it."""
    say("suppliers and products")
    suppliers = {company.key: world.accountant.open_supplier(company) for company in northwind.suppliers()}
    products, prices = northwind.products(), prices_by_sku(orders)
    for product in products:
        tax_class = "standard" if product.category == FULL_RATE else "reduced"
        world.desk.offer(product, suppliers[product.supplier], prices[product.sku], tax_class)
        world.costs[product.sku] = northwind.opening_cost(product.list_price)
    say("opening stock")
    for sku, quantity in northwind.opening_stock(orders).items():
        if quantity:
            world.warehouse.receive(sku, quantity, world.costs[sku], "Opening stock")
    world.to_restock = northwind.restock(orders)
    say("customers")
    for company in northwind.customers():
        world.accounts[company.key] = world.rep.meet(company)
        world.customers[company.key] = Lock()
    say("the catalogue on its way to the CRM")
    expected = {sku: versions[-1].amount for sku, versions in prices.items()}
    last = max(version.valid_from for versions in prices.values() for version in versions)
    until(
        lambda: published(world.rep, last.isoformat()) == expected,
        "every product and price to arrive in the CRM",
        CATALOGUE_TIMEOUT_S,
        first=0.2,
        longest=0.5,
    )


def prices_by_sku(orders: Sequence[Order]) -> dict[str, list[Price]]:
    """Dated from the orders; a product in none of them costs its list price from the first day on."""
    found: dict[str, list[Price]] = {}
    for price in northwind.prices(orders):
        found.setdefault(price.sku, []).append(price)
    for product in northwind.products():
        found.setdefault(product.sku, [_listed(product, orders)])
    return found


def published(rep: Rep, on: str) -> dict[str, Decimal]:
    """Prices of a day, as the CRM knows them."""
    rows = rep.all("products/", on=on, status="published")
    return {row["sku"]: Decimal(row["price"]) for row in rows if row["price"] is not None}


def _listed(product: Product, orders: Sequence[Order]) -> Price:
    return Price(product.sku, product.list_price, orders[0].ordered_on)
