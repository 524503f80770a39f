"""One order's life, from the rep's deal to the accountant's last entry, each step by the person whose work it is."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from deploy.demo import northwind
from deploy.demo.actors import Parcel, Record, Unexpected, line_of
from deploy.demo.northwind import Order
from deploy.demo.opening import World
from deploy.demo.waiting import TooLate, until

DEPOSIT_SHARE = Decimal("0.30")
LEAST_DEPOSIT = Decimal(1)
TRACKING = {"Speedy Express": "SE", "United Package": "UP", "Federal Shipping": "FS"}


@dataclass
class Told:
    """What became of one order; `trouble` says in words where the story broke off."""

    order: Order
    deal: str = ""
    erp_order: str = ""
    held: bool = False
    return_request: str = ""
    ticket: str = ""
    trouble: str = ""
    parcels: list[str] = field(default_factory=list)


def tell(order: Order, world: World) -> Told:
    """Play the order; what goes wrong is remembered, not raised, so that the other orders go on."""
    told = Told(order)
    try:
        _play(told, world)
    except (Unexpected, TooLate) as trouble:
        told.trouble = str(trouble)
    return told


def _play(told: Told, world: World) -> None:
    order = told.order
    if order.fate.credit_hold:
        _sell_while_held(told, world)
    else:
        _sell(told, world)
    if not order.delivered:
        return
    found = _with_goods(told, world)
    parcels = parcels_of(order)
    for number, parcel in enumerate(parcels, 1):
        tracking = f"{TRACKING[order.carrier]}{order.number}{number}"
        told.parcels.append(world.warehouse.ship(found["id"], order.carrier, tracking, parcel)["id"])
        if number == len(parcels) or invoiced_per_parcel(order):
            invoice = world.accountant.invoice(found["id"])
            world.accountant.take_payment(invoice)
    if order.fate.returned:
        _send_back(told, world)


def _sell(told: Told, world: World) -> None:
    """Deal, win, and the order stands in the ERP."""
    order = told.order
    with world.customers[order.customer]:  # nobody puts the customer on hold meanwhile
        deal = _propose(told, world)
        early = order.fate.deposit and order.number % 2 == 0
        deposit = _hear_of_deposit(told, world) if early else None
        world.rep.win(deal["id"])
        found = _arrived(told, world)
    wanted = "refused" if order.fate.unknown_product else "accepted"
    _expect(found, wanted)
    if order.fate.deposit:
        _book_deposit(deposit or _hear_of_deposit(told, world), world)
    if order.fate.cancelled:
        world.rep.withdraw(told.deal, "The customer changed their mind.")
        _until_status(told, world, "cancelled")


def _sell_while_held(told: Told, world: World) -> None:
    """An accountant holds the customer, another one lets go; the order desk looks at the order and decides."""
    order = told.order
    account = world.accounts[order.customer]
    party = until(lambda: world.accountant.party_of(account), f"customer {order.customer} to be known to the books")
    with world.customers[order.customer], _on_hold(world, party["id"]):
        deal = _propose(told, world)
        world.rep.win(deal["id"])
        found = _arrived(told, world)
        _expect(found, "held")
        told.held = True
    if order.fate.hold_refused:
        world.desk.refuse(found["id"], "They have not paid for months.")
    else:
        world.desk.release(found["id"], "They paid this morning.")


def _propose(told: Told, world: World) -> Record:
    order = told.order
    lines = [line_of(line) for line in order.lines]
    if order.fate.unknown_product:
        typo = northwind.UNKNOWN_SKU.format(order=order.number)
        lines[0] |= {"sku": typo, "unit_price": str(order.lines[0].unit_price)}
    deal = world.rep.propose(
        world.accounts[order.customer],
        f"Northwind {order.number}",
        order.ordered_on,
        order.requested_on,
        order.freight,
        lines,
    )
    told.deal = deal["id"]
    if Decimal(deal["net_total"]) != order.net:
        raise Unexpected(f"Order {order.number}: the deal comes to {deal['net_total']}, Northwind says {order.net}.")
    return deal


def _hear_of_deposit(told: Told, world: World) -> str:
    return world.rep.hear_of_deposit(told.deal, deposit_of(told.order), f"Northwind {told.order.number}")


def _book_deposit(deposit: str, world: World) -> None:
    """The report appears on the accountant's desk; the bank shows the money."""
    task = until(lambda: world.accountant.deposit_of(deposit), f"deposit {deposit} to appear on the accountant's desk")
    world.accountant.book_deposit(deposit, Decimal(task["reported_amount"]))


def _with_goods(told: Told, world: World) -> Record:
    """The order once all of it is reserved; what the shelves lack is bought."""

    def look() -> Record | None:
        found = world.desk.order(told.erp_order)
        short = [line["sku"] for line in found["lines"] if not _is_reserved(line)]
        for sku in short:
            world.restock(sku)
        return None if short else found

    return until(look, f"goods for order {told.order.number}")


def _send_back(told: Told, world: World) -> None:
    """A part of the first line comes back: asked on a ticket, allowed, received, credited."""
    order, first = told.order, told.order.lines[0]
    account = world.accounts[order.customer]
    told.ticket = world.agent.open_ticket(account, told.deal, f"Goods of {order.number} arrived damaged")
    part = [(first.sku, Decimal(northwind.returned_part(first.quantity)))]
    told.return_request = world.agent.ask_for_return(told.ticket, told.deal, part, "Arrived damaged.")
    wish = until(lambda: world.desk.return_of(told.return_request), f"the return of {order.number} to reach the ERP")
    world.desk.authorise(wish["id"], "Send it to the main warehouse.")
    world.warehouse.take_back(wish["id"])
    credit_note = world.accountant.settle(wish["id"])["credit_note"]
    world.accountant.pay_back(credit_note)


def _arrived(told: Told, world: World) -> Record:
    found = until(lambda: world.desk.order_of(told.deal), f"order {told.order.number} to stand in the ERP")
    told.erp_order = found["id"]
    return found


def _until_status(told: Told, world: World, status: str) -> None:
    until(
        lambda: world.desk.order(told.erp_order)["status"] == status,
        f"order {told.order.number} to be {status} in the ERP",
    )


@contextlib.contextmanager
def _on_hold(world: World, party: str) -> Iterator[None]:
    world.accountant.hold(party, "Invoices are overdue.")
    try:
        yield
    finally:
        world.second_accountant.lift_hold(party)


def _expect(found: Record, status: str) -> None:
    if found["status"] != status:
        why = found.get("reason", "")
        raise Unexpected(f"Order {found['number']} is {found['status']} instead of {status}: {why}")


def _is_reserved(line: Record) -> bool:
    return Decimal(line["quantity_reserved"]) >= Decimal(line["quantity"])


def deposit_of(order: Order) -> Decimal:
    """About 30 % of the goods, in whole euros."""
    return max(LEAST_DEPOSIT, (order.net * DEPOSIT_SHARE).quantize(Decimal(1)))


def invoiced_per_parcel(order: Order) -> bool:
    """Of the orders in two shipments every second is invoiced in two parts as well."""
    return order.fate.two_shipments and order.number % 2 == 0


def parcels_of(order: Order) -> list[Parcel]:
    """What leaves when: all at once, or the larger half of each line first.

    The second parcel is never empty: when every line is a single piece, the last one waits.
    """
    whole = [(line.sku, Decimal(line.quantity)) for line in order.lines]
    if not order.fate.two_shipments:
        return [whole]
    first = [(line.sku, Decimal(northwind.first_part(line.quantity))) for line in order.lines]
    rest = [(sku, quantity - part) for (sku, quantity), (_, part) in zip(whole, first, strict=True)]
    rest = [(sku, quantity) for sku, quantity in rest if quantity]
    return [first, rest] if rest else [first[:-1], first[-1:]]
