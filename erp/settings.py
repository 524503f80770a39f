"""Settings of this side; what all sides share stands in base/settings.py."""

from pathlib import Path
from typing import TYPE_CHECKING

from celery.schedules import crontab

from base.env import env_text, var_dir
from base.settings import side_settings
from erp.navigation import DEEDS as DEEDS
from erp.navigation import NAVIGATION as NAVIGATION
from erp.rights import FIELD_TIERS as FIELD_TIERS

if TYPE_CHECKING:
    from base.own_settings import *  # noqa: F403 -- their names and types

DOMAINS = [
    "erp.ledger",
    "erp.rates",
    "erp.statements",
    "erp.tax",
    "erp.terms",
    "erp.parties",
    "erp.einvoice",
    "erp.products",
    "erp.inventory",
    "erp.orders",
    "erp.shipping",
    "erp.banking",
    "erp.openings",
    "erp.bills",
    "erp.recurring",
    "erp.invoices",
    "erp.fapiao",
    "erp.revaluation",
    "erp.returns",
    "integration.liaison",
    "integration.wire",
    "erp.desk",
    "erp.proof",
]

# Whose books are kept: made once, with the chart that is chosen then (`seed_company`).
COMPANY = {
    "code": env_text("COMPANY_CODE", ""),
    "name": env_text("COMPANY_NAME", ""),
    "jurisdiction": env_text("COMPANY_JURISDICTION", "DE"),
    "chart": env_text("COMPANY_CHART", "general"),
}

# Who carries fapiaos to the tax bureau, and the folder that the one with files uses.
FAPIAO_PROVIDER = env_text("FAPIAO_PROVIDER", "erp.fapiao.folder.Folder")
FAPIAO_DIR = Path(env_text("FAPIAO_DIR", str(var_dir() / "erp" / "fapiao"))).resolve()

# What the API calls the choices of fields that several records name alike.
ENUMS = {
    "EventStateEnum": "integration.lanes.WorkState",
    "VerdictEnum": "integration.wire.api.VERDICTS",
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
    "EinvoiceSyntaxEnum": "erp.einvoice.models.Syntax",
    "OpeningSideEnum": "erp.openings.models.Side",
    "OpeningStatusEnum": "erp.openings.models.ItemStatus",
    "BillStatusEnum": "erp.bills.models.BillStatus",
    "RecurringStatusEnum": "erp.recurring.models.RecurringStatus",
    "ReturnStateEnum": "erp.tax.returning.ReturnStatus",
    "BoxKindEnum": "erp.tax.returning.BoxKind",
    "FapiaoKindEnum": "erp.fapiao.models.FapiaoKind",
    "FapiaoStatusEnum": "erp.fapiao.models.FapiaoStatus",
    "RedReasonEnum": "erp.fapiao.models.RedReason",
    "ReceiptKindEnum": "erp.banking.models.ReceiptKind",
}

SCHEDULE = {
    "prove": {"task": "proof.nightly", "schedule": crontab(hour=2, minute=30)},
    "tell-stock-values": {"task": "inventory.tell_values", "schedule": 300.0, "options": {"expires": 280}},
    "bring-vouchers": {"task": "recurring.bring", "schedule": crontab(hour=0, minute=20)},
    "carry-fapiaos": {"task": "fapiao.carry", "schedule": 300.0, "options": {"expires": 280}},
    "keep-books": {"task": "ledger.keep", "schedule": 300.0, "options": {"expires": 280}},
}

_BEAT = {
    "check-pulse": {"task": "liaison.check_pulse", "schedule": 60.0, "options": {"expires": 50}},
}

_shared = side_settings("erp", DOMAINS, ENUMS)
globals().update(_shared | {"CELERY_BEAT_SCHEDULE": _shared["CELERY_BEAT_SCHEDULE"] | _BEAT})
