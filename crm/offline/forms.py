"""The forms that a phone takes along: the same classes draw them there and judge here what was filled in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.accounts.forms import PersonForm
from crm.activities.checking_in import CheckInField
from crm.activities.models import Outcome
from crm.activities.pictures import ACCEPT
from crm.activities.sounds import RecordingField, SecondsField
from crm.leads.forms import NewLeadForm
from crm.pipeline.forms import IN_DAYS
from crm.today.forms import FOLDED


class PickField(forms.UUIDField):
    """One record of the pack, found by typing."""

    def __init__(self, rows: str, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"data-pick": rows, "autocomplete": "off"}), **options)


class CaptureForm(forms.Form):
    """A talk or a photo: with whom, how it went, what comes next."""

    account = PickField("accounts", label=_("With whom?"))
    deal = forms.UUIDField(required=False, widget=forms.HiddenInput)
    entry = forms.UUIDField(required=False, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(label=_("How did it go?"), choices=Outcome.choices, widget=forms.RadioSelect)
    text = forms.CharField(label=_("Note"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    next_step = forms.CharField(label=_("Next step"), max_length=250, required=False)
    in_days = forms.ChoiceField(label=_("When"), choices=IN_DAYS, required=False, widget=forms.RadioSelect)
    next_step_on = forms.DateField(label=_("Or on"), required=False, widget=forms.DateInput)
    photo = forms.FileField(
        label=_("Photo"), required=False, widget=forms.FileInput(attrs={"accept": ACCEPT}), max_length=200
    )
    keep_place = forms.BooleanField(label=_("Keep where the photo was taken"), required=False)

    folded: tuple[str, ...] = ("photo", "keep_place", "next_step", "in_days", "next_step_on")


class VisitForm(CaptureForm):
    """Somebody was there."""

    check_in = CheckInField()
    recording = RecordingField()
    recording_seconds = SecondsField()
    field_order = ("account", "deal", "entry", "check_in", "recording", "outcome", "text")


class NoteForm(CaptureForm):
    """Something worth remembering."""

    outcome = None  # type: ignore[assignment]
    text = forms.CharField(label=_("Note"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}))
    folded = tuple(name for name in FOLDED["note"] if name != "outcome")


class TaskForm(CaptureForm):
    """Something to be done by a day."""

    outcome = None  # type: ignore[assignment]
    next_step = forms.CharField(label=_("What is to be done?"), max_length=250)
    folded = tuple(name for name in FOLDED["task"] if name != "outcome")


class PhotoForm(CaptureForm):
    """What was seen there."""

    outcome = next_step = in_days = next_step_on = None  # type: ignore[assignment]
    photo = forms.FileField(
        label=_("Photo"), widget=forms.FileInput(attrs={"accept": ACCEPT, "capture": "environment"}), max_length=200
    )
    folded = ()
    field_order = ("account", "photo", "keep_place", "text")


class NewContactForm(PersonForm):
    """Somebody who works at an account of the pack."""

    account = PickField("accounts", label=_("Where?"))
    field_order = ("account", "name", "title", "phone", "email")


class StageForm(forms.Form):
    """A deal goes to another stage."""

    deal = PickField("deals", label=_("Which deal?"))
    stage = forms.UUIDField(label=_("To which stage?"), widget=forms.RadioSelect)


class TicketNoteForm(forms.Form):
    """A word among ourselves on a ticket."""

    ticket = PickField("tickets", label=_("Which ticket?"))
    body = forms.CharField(label=_("Internal note"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}))


class EditForm(forms.Form):
    """Fields of a record of the pack; only what was changed is sent."""

    all_optional = True


class ContactEditForm(EditForm, PersonForm):
    """What we know of a contact."""

    target = PickField("contacts", label=_("Whose?"))
    field_order = ("target", "name", "title", "phone", "email")


class AccountEditForm(EditForm):
    """What one learns of a customer on the spot."""

    target = PickField("accounts", label=_("Which account?"))
    name = forms.CharField(label=_("Company or person"), max_length=250)
    phone = forms.CharField(
        label=_("Phone"), max_length=250, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.EmailField(label=_("E-mail"), max_length=250, required=False)
    street = forms.CharField(label=_("Street"), max_length=250, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=250, required=False)
    city = forms.CharField(label=_("Town"), max_length=250, required=False)


class LeadEditForm(EditForm):
    """What one learns of a lead."""

    target = PickField("leads", label=_("Which lead?"))
    person = forms.CharField(label=_("Name"), max_length=250, required=False)
    company = forms.CharField(label=_("Company"), max_length=250, required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=250, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.EmailField(label=_("E-mail"), max_length=250, required=False)
    interest = forms.CharField(label=_("interested in"), max_length=250, required=False)


class DealEditForm(EditForm):
    """What comes next with a deal."""

    target = PickField("deals", label=_("Which deal?"))
    title = forms.CharField(label=_("Title"), max_length=250, required=False)
    next_step = forms.CharField(label=_("Next step"), max_length=250, required=False)
    next_step_on = forms.DateField(label=_("When"), required=False, widget=forms.DateInput)


def label_of(clash: Any) -> Any:
    """What people call the field of a clash."""
    return FORMS[f"edit_{clash.record_kind}"].base_fields[clash.field].label


FORMS: dict[str, type[forms.Form]] = {
    "visit": VisitForm,
    "call": CaptureForm,
    "meeting": CaptureForm,
    "note": NoteForm,
    "task": TaskForm,
    "photo": PhotoForm,
    "lead": NewLeadForm,
    "contact": NewContactForm,
    "stage": StageForm,
    "ticket_note": TicketNoteForm,
    "edit_account": AccountEditForm,
    "edit_contact": ContactEditForm,
    "edit_lead": LeadEditForm,
    "edit_deal": DealEditForm,
}
