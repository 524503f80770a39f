"""What foreign documents are worth in the books, and what of it goes with a part of them."""

from datetime import date as Day
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from erp.invoices.models import Invoice, OpenItem
from erp.ledger.services import Posting, post
from erp.rates.booking import difference, moved, settling
from erp.rates.services import share


def settling_lines(invoice: Invoice, amount: Decimal, money: Decimal) -> list[Any]:
    """Against the bank: the document's part at its worth, and the gain or loss; the item is held from here on."""
    hold(invoice)
    worth = _share(invoice, amount)
    role, party = "receivable", invoice.party.code
    return settling(role, party, amount, worth, money, invoice.currency, out=invoice.is_credit_note)


def parting(invoice: Invoice, amount: Decimal, date: Day, credit: Invoice | None = None) -> dict[str, Any]:
    """What an allocation takes off the worth of its documents.

    An invoice and a credit note may be worth differently much by now: the difference is a gain or a loss, with an entry
    of its own.
    """
    hold(invoice, credit)
    worth = _share(invoice, amount)
    if credit is None:
        return {"house_amount": worth}
    given = _share(credit, amount)
    told: dict[str, Any] = {"house_amount": worth, "credit_house": given}
    if gain := given - worth:
        told["entry"] = post(
            Posting(
                journal="general",
                date=date,
                text=" · ".join((str(_("Exchange difference")), credit.number, invoice.number)),
                key=f"set-off:{credit.pk}:{invoice.pk}",
                source=("invoice", invoice.pk),
                company=invoice.company,
                lines=[
                    moved("receivable", invoice.party.code, gain, invoice.currency),
                    *difference(gain, invoice.currency),
                ],
            )
        )
    return told


def hold(*documents: Invoice | None) -> None:
    """Read how the items stand, and keep them so until the transaction ends."""
    held = {one.pk: one for one in documents if one is not None}
    for item in OpenItem.objects.raw("SELECT * FROM public.invoice_hold_items(%s::uuid[])", [list(held)]):
        held[item.pk].item = item


def _share(document: Invoice, amount: Decimal) -> Decimal:
    assert document.item.house_open is not None
    return share(amount, document.open_amount, document.item.house_open, document.company.base_currency)
