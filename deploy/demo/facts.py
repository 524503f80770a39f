"""What both sides know at the end, asked through their APIs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from deploy.demo.actors import Record
from deploy.demo.deployment import Deployment
from deploy.demo.opening import World
from deploy.demo.story import Told
from deploy.demo.waiting import until

SETTLE_TIMEOUT_S = 120.0
GOODS = "goods"


@dataclass(frozen=True)
class Facts:
    """Deals by id as the CRM tells them; what the ERP has of each deal."""

    deals: dict[str, Record]
    tickets: dict[str, Record]
    orders: dict[str, list[Record]]
    shipments: dict[str, list[Record]]
    invoices: dict[str, list[Record]]  # credit notes too
    receipts: dict[str, list[Record]]
    returns: dict[str, list[Record]]
    trial_balance_difference: Decimal
    stock_difference: Decimal
    balances_off_their_moves: int
    queues: dict[str, int]

    @property
    def net_sales(self) -> Decimal:
        """The goods on all invoices, without freight and tax, before returns."""
        invoices = (found for several in self.invoices.values() for found in several if found["kind"] == "invoice")
        lines = (line for invoice in invoices for line in invoice["lines"] if line["kind"] == GOODS)
        return sum((Decimal(line["net"]) for line in lines), Decimal("0.00"))


def settled(deployment: Deployment) -> dict[str, int]:
    """Wait until no event is on its way; what then is still there is parked and will not go by itself."""

    def only_parked() -> list[dict[str, int]]:
        left = deployment.queues()
        return [] if any(name.endswith("waiting") for name in left) else [left]

    (left,) = until(only_parked, "all events to arrive", SETTLE_TIMEOUT_S, first=0.1, longest=0.5)
    return left


def gather(world: World, told: Sequence[Told], queues: dict[str, int]) -> Facts:
    """Ask everybody once."""
    books = world.accountant
    stock = books.get("stock/check/")
    balance = books.get("ledger/trial-balance/")
    return Facts(
        deals={one.deal: world.rep.deal(one.deal) for one in told if one.deal},
        tickets={one.ticket: dict(world.agent.get(f"tickets/{one.ticket}/")) for one in told if one.ticket},
        orders=_by_deal(world.desk.all("orders/")),
        shipments=_by_deal(world.desk.all("shipments/")),
        invoices=_by_deal(books.all("invoices/")),
        receipts=_by_deal(books.all("receipts/")),
        returns=_by_deal(world.desk.all("returns/")),
        trial_balance_difference=Decimal(balance["difference"]),
        stock_difference=Decimal(stock["difference"]),
        balances_off_their_moves=int(stock["balances_off_their_moves"]),
        queues=queues,
    )


def _by_deal(rows: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        found[row["deal"]].append(row)
    return found
