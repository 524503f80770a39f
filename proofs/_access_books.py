"""One of everything that is kept, and a second of what lists are ordered by: so that addresses and orders mean some."""

from datetime import date
from decimal import Decimal
from typing import Any


def fill(side: str) -> None:
    """What the walk needs besides the records with a mark, which are few: each stands for all addresses."""
    from proofs._access import MARK

    if side == "crm":
        from django.contrib.auth import get_user_model

        from tests.crm import makers

        # The types are checked as the hub sees them, which installs neither business.
        owner: Any = get_user_model().objects.get(username="owner-rep")
        makers.account(f"{MARK} Ltd", owner=owner)
    elif side == "erp":
        from tests.erp.makers import user
        from tests.erp.orders.makers import customer, make_order, offer

        offer("TEA", "21.00", cost="12.00")
        make_order(("TEA", "3", "21.00"), customer=customer(f"{MARK} Ltd"), freight=Decimal("5"))
        books(user("accountant", name="writer-of-the-books"), MARK)


def books(writer: Any, mark: str = "") -> list[Any]:
    """One of each document, voucher and paper of the ERP."""
    from django.utils import timezone

    from erp.banking import services as banking
    from erp.invoices import services
    from erp.invoices.models import Invoice
    from erp.ledger import attaching, dimensioning, vouchers
    from erp.ledger import models as ledger
    from erp.ledger.services import company
    from erp.openings import services as openings
    from erp.revaluation.services import revalue
    from erp.shipping.models import Shipment
    from erp.tax import returns
    from tests.erp.bills.makers import bill_of, supplier
    from tests.erp.invoices.makers import invoice_of, reported
    from tests.erp.ledger.makers import line
    from tests.erp.orders.makers import customer
    from tests.erp.recurring.makers import rent
    from tests.erp.returns.makers import wished_back
    from tests.erp.tax.makers import OCTOBER
    from tests.erp.terms.makers import terms

    today, first = timezone.localdate(), date(2026, 1, 1)
    invoice = invoice_of(("SOAP", "5", "20.00"), customer=customer(f"{mark} KG".strip()))
    rest = services.take_payment(invoice, Decimal("150"), today, keep_rest=True)
    wish = wished_back()
    deposit = banking.report_deposit(reported())
    lines = [line("6100", "10.00"), line("1010", credit="10.00")]
    voucher = vouchers.write(writer, "general", today, f"Pens {mark}".strip(), lines)
    new = openings.NewItem("receivable", rest.party, "2025-1", first, first, Decimal("5"))
    (item,) = openings.open_items(first, [new], writer)
    opened = _opened(first, today, writer, mark)
    return [
        wish,
        deposit,
        voucher,
        returns.file(company(), OCTOBER, writer),
        bill_of(party=supplier(f"Pens & Paper {mark}".strip()), by=writer),
        rent(writer),
        rest,
        item,
        *opened,
        dimensioning.open_dimension(
            by=writer, kind="cost_centre", code=f"S{ledger.Dimension.objects.count()}", name=f"Sales {mark}".strip()
        ),
        terms("HALF"),
        revalue(today, writer),
        attaching.attach(voucher, "scan.pdf", [b"%PDF-1.7"], writer),
        *(one.objects.first() for one in (ledger.Account, Invoice, Shipment, ledger.JournalEntry, ledger.Period)),
    ]


def _opened(first: date, today: date, writer: Any, mark: str) -> list[Any]:
    """Accounts as the books began, the rates of a currency, and a bill in it for the revaluation."""
    from erp.bills import services as bills
    from erp.ledger.services import account
    from erp.openings import services as openings
    from erp.rates.services import set_rate
    from tests.erp.bills.makers import bill_of, supplier

    told = [
        openings.Balance(account("1010"), debit=Decimal("5")),
        openings.Balance(account("3000"), credit=Decimal("5")),
    ]
    balances = openings.open_accounts(first, told, writer)
    rates = [set_rate("USD", day, Decimal(worth), writer) for day, worth in ((first, "0.90"), (today, "1.00"))]
    abroad = bill_of(number="U-1", date=first, currency="USD", party=supplier(f"Ink {mark}".strip()), by=writer)
    bills.post(abroad, writer)
    return [balances, rates[0]]
