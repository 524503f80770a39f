"""The forms that are measured, as people call them, with their fields: nothing else is taken from a browser."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.accounts import forms as accounts
from crm.accounts import share_forms
from crm.accounts.tag_views import TagsForm
from crm.activities import forms as activities
from crm.leads import forms as leads
from crm.offline.forms import FORMS as OFFLINE
from crm.pipeline import forms as pipeline
from crm.promotions import forms as promotions
from crm.tickets import forms as tickets
from crm.today import forms as today

OTHER = "other"  # fields whose names are numbered, as the lines of a return
NAMES: dict[str, Any] = {
    "visit": _("Visit"),
    "call": _("Call"),
    "meeting": _("Meeting"),
    "note": _("Note"),
    "task": _("Task"),
    "photo": _("Photo"),
    "lead": _("New lead"),
    "lead_card": _("Lead from a card"),
    "edit_lead": _("Change a lead"),
    "lead_convert": _("Convert a lead"),
    "lead_give": _("Give a lead to somebody"),
    "lead_consent": _("Consent"),
    "lead_lose": _("Lead lost"),
    "account": _("New account"),
    "edit_account": _("Change an account"),
    "account_tags": _("Tags"),
    "give_back": _("Back to the pool"),
    "share": _("Share an account"),
    "contact": _("New contact"),
    "edit_contact": _("Change a contact"),
    "deal": _("New deal"),
    "edit_deal": _("Terms of a deal"),
    "deal_step": _("Next step of a deal"),
    "deal_line": _("Line of a deal"),
    "deal_line_free": _("Line without a product"),
    "stage": _("Move a deal"),
    "approval": _("Ask for approval"),
    "promotion": _("Promotion"),
    "quote": _("Make a quote"),
    "deposit": _("Report a deposit"),
    "deal_lose": _("Deal lost"),
    "withdraw": _("Withdraw a deal"),
    "ticket": _("New ticket"),
    "ticket_reply": _("Answer a ticket"),
    "ticket_note": _("Note on a ticket"),
    "ticket_assign": _("Handling of a ticket"),
    "return": _("Ask for a return"),
}
_TALKS = ("visit", "call", "meeting", "note", "task")


@cache
def fields_of(form: str) -> dict[str, Any]:
    """The fields of a form with what they are called, on its page and on the page without a connection."""
    found: dict[str, Any] = {}
    for one in _classes(form):
        for name, field in one.base_fields.items():
            found.setdefault(name, field.label or name.replace("_", " ").capitalize())
    return found | {OTHER: _("Other fields")}


def _classes(form: str) -> Iterable[Any]:
    """Every class that is measured under this name."""
    if form in _TALKS:
        yield from (today.LogForm, activities.NoteForm if form == "note" else activities.LogForm)
    for module in (accounts, share_forms, leads, promotions, pipeline, tickets):
        for one in vars(module).values():
            if isinstance(one, type) and issubclass(one, forms.BaseForm) and getattr(one, "meter", "") == form:
                yield one
    if form == TagsForm.meter:
        yield TagsForm
    if form == "edit_contact":
        yield accounts.ContactForm
    if form in OFFLINE:
        yield OFFLINE[form]
