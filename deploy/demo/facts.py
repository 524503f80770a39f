"""What both sides know at the end, asked through their APIs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

from deploy.demo.actors import Record
from deploy.demo.deployment import Deployment
from deploy.demo.opening import World
from deploy.demo.story import Told
from deploy.demo.waiting import until

SETTLE_TIMEOUT_S = 120.0
HANDS = 2
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
    free_receipts: list[str]  # numbers of those that pay nothing
    trial_balance_difference: Decimal
    receivables_difference: Decimal
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
    with ThreadPoolExecutor(HANDS) as hands:
        deals = hands.map(world.rep.deal, [one.deal for one in told if one.deal])
        tickets = hands.map(world.agent.ticket, [one.ticket for one in told if one.ticket])
        invoices = list(hands.map(books.invoice_with_lines, [row["id"] for row in books.all("invoices/")]))
        paid = list(hands.map(books.payments_of, [invoice["id"] for invoice in invoices]))
        receipts, free = _receipts(world, invoices, paid)
        return Facts(
            deals={deal["id"]: deal for deal in deals},
            tickets={ticket["id"]: ticket for ticket in tickets},
            orders=_by_deal(world.desk.all("orders/")),
            shipments=_by_deal(world.desk.all("shipments/")),
            invoices=_by_deal(invoices),
            receipts=receipts,
            returns=_by_deal(world.desk.all("returns/")),
            free_receipts=free,
            trial_balance_difference=Decimal(books.get("ledger/trial-balance/")["difference"]),
            receivables_difference=Decimal(books.get("receivables/check/")["difference"]),
            stock_difference=Decimal(stock["difference"]),
            balances_off_their_moves=int(stock["balances_off_their_moves"]),
            queues=queues,
        )


def _receipts(
    world: World, invoices: Sequence[Record], paid: Sequence[list[Record]]
) -> tuple[dict[str, list[Record]], list[str]]:
    """Receipts by deal, through the invoice they pay or the deposit they are; and the numbers of those with neither."""
    every = {row["id"]: row for row in world.accountant.all("receipts/")}
    found: dict[str, dict[str, Record]] = defaultdict(dict)
    for invoice, payments in zip(invoices, paid, strict=True):
        found[invoice["deal"]] |= {payment["id"]: payment for payment in payments}
    for deposit in world.accountant.all("deposits/"):
        if deposit["receipt"]:
            found[deposit["deal"]][deposit["receipt"]] = every[deposit["receipt"]]
    placed = {pk for several in found.values() for pk in several}
    free = [row["number"] for pk, row in every.items() if pk not in placed and row["kind"] != "refund"]
    return {deal: list(several.values()) for deal, several in found.items()}, free


def _by_deal(rows: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        found[row["deal"]].append(row)
    return found
