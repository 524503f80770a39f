"""What leads add to the timeline and to the account's page."""

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.template.loader import render_to_string

from crm.accounts import merging, panels, seeing, tag_bearers
from crm.accounts.models import Account
from crm.activities import kinds, timeline
from crm.activities.models import add_door
from crm.leads import handovers
from crm.leads.models import Conversion, Handover, Lead, LossReason, Source
from crm.leads.seeing import LeadAccess


def register() -> None:
    """Called when the app is ready."""
    merging.follows(Conversion, "account")
    merging.follows(Conversion, "contact")
    merging.follows(Handover, "account", handovers.settle)
    seeing.explains(Lead, LeadAccess)
    tag_bearers.bears(Lead, "leads:list")
    add_door(_seen_with_lead)
    timeline.link("lead", "leads:detail")
    kinds.say("lead_source", Source.choices)
    kinds.say("lost_reason", LossReason.choices)
    panels.add_section(5, asked_for, "main")


def _seen_with_lead(user: Any) -> Q:
    return Q(Exists(Lead.objects.visible_to(user).filter(pk=OuterRef("lead"))))


def asked_for(request: HttpRequest, account: Account) -> str:
    """Who asks to have this account; nothing while nobody does."""
    if not account.held_by(request.user):
        return ""
    asked = list(Handover.objects.visible_to(request.user).open().filter(account=account).select_related("asked_by"))
    return render_to_string("crm/leads/_asked_for.html", {"asked": asked}, request) if asked else ""
