"""What CRM tests start from, in a rep's words."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from crm.accounts import services as accounts
from crm.accounts.models import Account
from crm.catalogue import services as catalogue
from crm.pipeline import services as pipeline
from crm.pipeline.models import Deal
from crm.pipeline.pricing import NewLine

SINCE = date(1996, 1, 1)


def user(*roles: str, name: str = "") -> Any:
    """Somebody who is signed up here in the given roles."""
    somebody, _new = get_user_model().objects.get_or_create(username=name or "-".join(roles) or "nobody")
    somebody.groups.set([Group.objects.get(name=role) for role in roles])
    return somebody


def account(name: str = "Alfreds Futterkiste", **fields: Any) -> Account:
    """A company."""
    return accounts.create_account(name=name, **fields)


def offered(sku: str = "CHAI", *prices: tuple[str, date]) -> None:
    """The ERP has published the product with these prices (18.00 since 1996)."""
    now = datetime.now(UTC)
    catalogue.hear_product(sku, name=sku.title(), unit="box", tax_class="reduced", category="", as_of=now)
    for amount, since in prices or (("18.00", SINCE),):
        catalogue.hear_price(sku, currency="EUR", amount=Decimal(amount), valid_from=since, as_of=now)


def deal(*lines: tuple[Any, ...], of: Account | None = None, by: Any = None, **fields: Any) -> Deal:
    """An open deal: `deal(("CHAI", "5"))`, or with discount and price: `("CHAI", "5", "0.1", "17.00")`."""
    told = [
        NewLine(
            line[0],
            Decimal(line[1]),
            Decimal(line[2]) if len(line) > 2 else Decimal(0),
            Decimal(line[3]) if len(line) > 3 else None,
        )
        for line in lines
    ]
    return pipeline.create_deal(of or account(), by=by or user("rep"), lines=told, **fields)
