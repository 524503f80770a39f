"""Which lines are tax, and which are what it is taken of: sales stand on the credit side of things, purchases not."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.ledger.chart import AccountType

ROLES = {"output": "vat_output", "input": "vat_input"}
BOUGHT = (AccountType.ASSET, AccountType.EXPENSE)
PARTS = [
    ("sold", _("Net amounts of sales")),
    ("bought", _("Net amounts of purchases")),
    ("output", _("Output tax")),
    ("input", _("Input tax")),
]


def of_part(lines: QuerySet[Any], part: str) -> QuerySet[Any]:
    """The lines of output tax, of input tax, or those with a tax that are sales or purchases."""
    if part in ROLES:
        return lines.filter(account__role=ROLES[part])
    net = lines.exclude(tax_code="").exclude(account__role__in=ROLES.values())
    return net.filter(account__type__in=BOUGHT) if part == "bought" else net.exclude(account__type__in=BOUGHT)
