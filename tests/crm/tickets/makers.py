"""Tickets and what they start from."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from base.ids import uuid7
from crm.accounts.models import Account
from crm.pipeline import services as pipeline
from crm.pipeline.models import Deal
from crm.tickets import services
from crm.tickets.models import Ticket
from integration.contracts.shipments import ShipmentDispatched, ShippedLine
from tests.crm.makers import account, deal, offered, user
from tests.helpers import deliver


def ticket(of: Account | None = None, subject: str = "Broken jars", **fields: Any) -> Ticket:
    """A new ticket."""
    return services.open_ticket(of or account(), subject, by=fields.pop("by", None) or user("agent"), **fields)


def shipped(sku: str = "CHAI", quantity: str = "5", of: Account | None = None) -> Deal:
    """A won deal of which all goods went out."""
    offered(sku)
    won = pipeline.win(deal((sku, quantity), of=of), by=user("rep"))
    dispatch(won, (sku, quantity))
    return won


def dispatch(of: Deal, *lines: tuple[str, str]) -> None:
    """The ERP tells of a parcel."""
    deliver(
        ShipmentDispatched(
            shipment=uuid7(),
            number=f"SH-{uuid7().hex[-6:]}",
            order=of.pk,
            deal=of.pk,
            customer=of.account_id,
            carrier="Speedy Express",
            tracking="1Z",
            dispatched_at=datetime.now(UTC),
            lines=tuple(ShippedLine(sku=sku, quantity=Decimal(quantity)) for sku, quantity in lines),
        )
    )
