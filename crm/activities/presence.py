"""The verb of being there."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput, Refused
from crm.activities.checking_in import Presence
from crm.activities.models import CheckIn, Entry


class NotTheirVisit(Refused):
    """Nobody checks in for somebody else."""

    message = _("Only whoever made the visit checks in on it.")
    status = 403


@transaction.atomic
def check_in(entry: Entry, presence: Presence, *, by: Any, saved_at: datetime | None = None) -> CheckIn:
    """When, and where if that was given, somebody was there; of two check-ins on one visit the first stands."""
    if entry.kind != "visit":
        raise BadInput(why=_("One checks in on visits only."), field="check_in")
    if entry.author_id != by.pk:
        raise NotTheirVisit()
    told = presence.before(saved_at or timezone.now())
    facts = {name: getattr(told, name) for name in ("at", "latitude", "longitude", "accuracy_m")}
    made, _new = CheckIn.objects.get_or_create(entry=Entry.objects.select_for_update().get(pk=entry.pk), defaults=facts)
    return made
