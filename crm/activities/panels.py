"""What the timeline adds to the account page: last contact, buttons to log, open next steps, the timeline itself."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.templatetags.ui import when
from crm.accounts import merging, panels, pool
from crm.accounts.models import Account
from crm.accounts.panels import Action, Fact
from crm.activities import timeline
from crm.activities.kinds import sentence
from crm.activities.models import Entry

QUIET_TOO_LONG_DAYS = 60


def register() -> None:
    """Called once, when the app is ready."""
    merging.follows(Entry, "account")
    merging.follows(Entry, "contact")
    pool.touches(Entry, "occurred_at")
    panels.add_action(1, Action(gettext_lazy("Log visit"), "walk", "activities:visit", sheet=True, tone="primary"))
    panels.add_action(2, Action(gettext_lazy("Log call"), "phone", "activities:call", sheet=True))
    panels.add_action(3, Action(gettext_lazy("Note"), "note", "activities:note", sheet=True))
    panels.add_fact(30, last_contact)
    panels.add_section(10, next_steps, "main")
    panels.add_section(90, whole_timeline, "main")


def last_contact(request: HttpRequest, account: Account) -> Fact:
    """When somebody last spoke with them."""
    spoken = account.entries.filter(kind__in=("call", "visit", "mail")).order_by("-occurred_at").first()
    if spoken is None:
        return Fact(_("Last contact"), "–", note=_("never logged"))
    quiet = (timezone.now() - spoken.occurred_at).days > QUIET_TOO_LONG_DAYS
    note = " · ".join(part for part in (sentence(spoken.kind, {}, ""), spoken.get_outcome_display()) if part)
    return Fact(_("Last contact"), when(spoken.occurred_at), note=note, tone="warn" if quiet else "")


def next_steps(request: HttpRequest, account: Account) -> str:
    """What was agreed and is not done yet; hidden while there is nothing."""
    steps = list(Entry.objects.visible_to(request.user).about(account=account).steps_open().select_related("author"))
    context = {"account": account, "steps": steps, "today": timezone.localdate()}
    return render_to_string("crm/activities/_steps.html", context, request)


def whole_timeline(request: HttpRequest, account: Account) -> str:
    """Everything, newest first."""
    return render_to_string("crm/activities/_card.html", {"body": timeline.render(request, account=account)}, request)
