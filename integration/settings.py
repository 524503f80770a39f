"""Settings of this side; what all sides share stands in base/settings.py."""

from typing import TYPE_CHECKING

from celery.schedules import crontab

from base.env import env_list, env_text
from base.settings import side_settings
from integration.navigation import DEEDS as DEEDS
from integration.navigation import NAVIGATION as NAVIGATION
from integration.rights import FIELD_TIERS as FIELD_TIERS

if TYPE_CHECKING:
    from base.own_settings import *  # noqa: F403 -- their names and types

DOMAINS = [
    "integration.hub",
]

# What the API calls the choices of fields that several records name alike.
ENUMS = {
    "CaseStateEnum": "integration.hub.case_models.CaseState",
    "DeliveryStateEnum": "integration.lanes.WorkState",
    "PhaseEnum": "integration.hub.models.Phase",
    "StepEnum": "integration.hub.observing.STEP_NAMES",
    "StepPhaseEnum": "integration.hub.operating_api.STEP_PHASES",
    "SideEnum": "integration.hub.api.SIDES",
    "PlaceEnum": "integration.hub.operating_api.PLACES",
    "AlertKindEnum": "integration.hub.models.AlertKind",
    "SubjectEnum": "integration.hub.operating_api.SUBJECT_NAMES",
    "VerdictEnum": "integration.hub.api.VERDICTS",
}

_BEAT = {
    "hub-reconcile": {"task": "hub.reconcile", "schedule": crontab(hour=2, minute=10)},
    "hub-verify-archive": {"task": "hub.verify_archive", "schedule": crontab(hour=3, minute=40)},
    "hub-seal": {"task": "hub.seal", "schedule": 300.0, "options": {"expires": 200}},
}

_shared = side_settings("integration", DOMAINS, ENUMS)
_MIDDLEWARE = [*_shared["MIDDLEWARE"], "base.live.live_parts"]
globals().update(_shared | {"MIDDLEWARE": _MIDDLEWARE, "CELERY_BEAT_SCHEDULE": _shared["CELERY_BEAT_SCHEDULE"] | _BEAT})

# Whom alerts are written to, and where they are posted; both may be empty: the interface always shows them.
ALERT_EMAILS: list[str] = env_list("ALERT_EMAILS", "")
ALERT_WEBHOOK_URL: str = env_text("ALERT_WEBHOOK_URL", "")
