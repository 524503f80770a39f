"""Settings of this side; what all sides share stands in base/settings.py."""

from typing import TYPE_CHECKING

from celery.schedules import crontab

from base.settings import side_settings
from erp.navigation import DEEDS as DEEDS
from erp.navigation import NAVIGATION as NAVIGATION
from erp.rights import FIELD_TIERS as FIELD_TIERS

if TYPE_CHECKING:
    from base.own_settings import *  # noqa: F403 -- their names and types

DOMAINS = [
    "erp.ledger",
    "erp.tax",
    "erp.parties",
    "erp.products",
    "erp.inventory",
    "erp.orders",
    "erp.shipping",
    "erp.banking",
    "erp.invoices",
    "erp.returns",
    "erp.desk",
    "erp.proof",
]

# What the API calls the choices of fields that several records name alike.
ENUMS = {
    "OrderStatusEnum": "erp.orders.models.OrderStatus",
    "InvoiceStatusEnum": "erp.invoices.models.InvoiceStatus",
    "VoucherStatusEnum": "erp.ledger.models.VoucherStatus",
    "PeriodStatusEnum": "erp.ledger.chart.PeriodStatus",
    "ReturnStatusEnum": "erp.returns.models.ReturnStatus",
    "ProductStatusEnum": "erp.products.models.ProductStatus",
    "DepositStatusEnum": "erp.banking.models.DepositStatus",
    "InvoiceKindEnum": "erp.invoices.models.InvoiceKind",
    "LineKindEnum": "erp.invoices.models.LineKind",
    "PartyKindEnum": "erp.parties.models.PartyKind",
    "ReceiptKindEnum": "erp.banking.models.ReceiptKind",
}

SCHEDULE = {"prove": {"task": "proof.nightly", "schedule": crontab(hour=2, minute=30)}}

globals().update(side_settings("erp", DOMAINS, ENUMS, SCHEDULE))
