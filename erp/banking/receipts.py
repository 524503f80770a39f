"""Writing down a receipt: money that came in or went out stands in the books in the same transaction."""

from collections.abc import Sequence
from datetime import date as Day
from decimal import Decimal
from typing import Any

from django.db import transaction

from base import context
from base.ids import uuid7
from base.numbering import next_number
from erp.banking.models import MONEY_OUT, Method, Receipt, ReceiptKind
from erp.ledger.services import Line, Posting, post
from erp.parties.models import Party

_SERIES: dict[str, tuple[str, str]] = {
    ReceiptKind.REFUND: ("banking_refund_number", "RF"),
    ReceiptKind.PAID: ("banking_paid_number", "PY"),
}


@transaction.atomic(savepoint=False)
def record_receipt(
    kind: str,
    party: Party,
    amount: Decimal,
    date: Day,
    against: Sequence[Line],
    *,
    currency: str,
    by: Any = None,
    reference: str = "",
    method: str = Method.BANK,
    key: str | None = None,
    excess: Decimal = Decimal(0),
    refunds: Receipt | None = None,
    house_amount: Decimal | None = None,
) -> Receipt:
    """Money in (or, as a refund or to a supplier, out) on the bank account, `against` the lines that tell what for.

    For services that know what it was for; they check the amount, the day and the caller's key. The bank account is
    kept in the currency of the books: an amount in another one says what the bank booked as `house_amount`.
    """
    out = kind in MONEY_OUT
    number = next_number(*_SERIES.get(kind, ("banking_receipt_number", "RC")))
    identity = uuid7()
    moved = amount if house_amount is None else house_amount
    bank = Line("bank", credit=moved) if out else Line("bank", debit=moved)
    entry = post(
        Posting(
            journal="cash",
            date=date,
            text=" · ".join(part for part in (number, party.name, reference) if part),
            key=f"receipt:{identity}",
            source=("receipt", identity),
            company=party.company,
            lines=[bank, *against],
        )
    )
    return Receipt.objects.create(
        id=identity,
        company_id=party.company_id,
        number=number,
        kind=kind,
        party=party,
        amount=amount,
        currency=currency,
        date=date,
        method=method,
        reference=reference[:140],
        key=key,
        entry=entry,
        recorded_by=name_of(by),
        excess=excess,
        refunds=refunds,
        house_amount=house_amount,
    )


def name_of(by: Any) -> str:
    """Who did it, as documents remember it."""
    return (by.get_username() if by is not None else context.actor.get())[:150]
