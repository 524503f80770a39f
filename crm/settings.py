"""Settings of this side; what all sides share stands in base/settings.py."""

from typing import TYPE_CHECKING

from celery.schedules import crontab

from base.settings import side_settings
from crm.navigation import DEEDS as DEEDS
from crm.navigation import NAVIGATION as NAVIGATION
from crm.rights import FIELD_TIERS as FIELD_TIERS

if TYPE_CHECKING:
    from base.own_settings import *  # noqa: F403 -- their names and types

DOMAINS = [
    "crm.catalogue",
    "crm.accounts",
    "crm.activities",
    "crm.promotions",
    "crm.pipeline",
    "crm.tickets",
    "crm.leads",
    "crm.today",
    "crm.offline",
    "crm.meter",
    "integration.liaison",
    "integration.wire",
]

# What the API calls the choices of fields that several records name alike.
ENUMS = {
    "EventStateEnum": "integration.lanes.WorkState",
    "VerdictEnum": "integration.wire.api.VERDICTS",
    "DealStatusEnum": "crm.pipeline.models.DealStatus",
    "OrderStateEnum": "crm.pipeline.models_order.OrderState",
    "TicketStateEnum": "crm.tickets.models.TicketState",
    "ReturnStatusEnum": "crm.tickets.models.ReturnStatus",
    "ClashChoiceEnum": "crm.offline.models.Choice",
    "LossReasonEnum": "crm.leads.models.LossReason",
    "LeadStateEnum": "crm.leads.models.LeadState",
    "LeadSourceEnum": "crm.leads.models.Source",
    "ApprovalStateEnum": "crm.pipeline.models.ApprovalState",
    "AccountKindEnum": "crm.accounts.models.AccountKind",
    "CustomFieldKindEnum": "crm.accounts.models_custom.ValueKind",
    "CustomFieldOfEnum": "crm.accounts.models_custom.Of",
    "MergeKindEnum": "crm.accounts.models.MergeKind",
    "HandoverStateEnum": "crm.leads.models.HandoverState",
    "PromotionStateEnum": "crm.promotions.models.PromotionState",
    "PromotionAudienceEnum": "crm.promotions.models.Audience",
    "ProductStatusEnum": "crm.catalogue.models.ProductStatus",
}

_BEAT = {
    "press-first-calls": {"task": "leads.press", "schedule": 60.0, "options": {"expires": 50}},
    "rate-leads": {"task": "leads.rate_all", "schedule": crontab(hour=4, minute=7)},
    "sweep-idle-accounts": {"task": "accounts.sweep_idle", "schedule": crontab(hour=5, minute=17)},
    "forget-measures": {"task": "meter.forget", "schedule": crontab(hour=3, minute=57)},
    "check-pulse": {"task": "liaison.check_pulse", "schedule": 60.0, "options": {"expires": 50}},
}

_shared = side_settings("crm", DOMAINS, ENUMS)
globals().update(_shared | {"CELERY_BEAT_SCHEDULE": _shared["CELERY_BEAT_SCHEDULE"] | _BEAT})
