"""What people type when they log a call or visit, or write a note."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Account, Contact
from crm.activities.checking_in import CheckInField
from crm.activities.models import Outcome
from crm.activities.sounds import RecordingField, SecondsField

WHEN = [
    ("", _("None")),
    ("tomorrow", _("Tomorrow")),
    ("week", _("In a week")),
    ("month", _("In a month")),
    ("day", _("On…")),
]
_DAYS = {"tomorrow": 1, "week": 7, "month": 30}


class NextStepForm(forms.Form):
    """The step agreed: some chips, a day of one's own choice, and what it is."""

    meter = "note"

    when = forms.ChoiceField(label=_("Next step"), required=False, choices=WHEN, widget=forms.RadioSelect, initial="")
    day = forms.DateField(label=_("On this day"), required=False, widget=forms.DateInput)
    next_step = forms.CharField(
        label=_("What is to be done?"),
        max_length=250,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Follow up")}),
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        when, day, step = told.pop("when", ""), told.pop("day", None), told.get("next_step", "")
        if when in _DAYS:
            told["next_step_on"] = timezone.localdate() + timedelta(days=_DAYS[when])
        elif day:
            told["next_step_on"] = self._not_past(day)
        elif when == "day" or step:
            self.add_error("day", _("Choose a day for the next step."))
        if told.get("next_step_on") and not step:
            told["next_step"] = str(_("Follow up"))
        return told

    def _not_past(self, day: date) -> date:
        if day < timezone.localdate():
            self.add_error("day", _("This day is over."))
        return day


class LogForm(NextStepForm):
    """A call or visit: the outcome is all we insist on."""

    outcome = forms.ChoiceField(label=_("How did it go?"), choices=Outcome.choices, widget=forms.RadioSelect)
    contact = forms.ModelChoiceField(label=_("With whom?"), queryset=Contact.objects.none(), required=False)
    text = forms.CharField(label=_("Note"), required=False, max_length=10_000, widget=forms.Textarea)
    check_in = CheckInField()
    recording = RecordingField()
    recording_seconds = SecondsField()

    field_order = ("check_in", "recording", "outcome", "when", "day", "next_step", "contact", "text")

    def __init__(self, *args: Any, account: Account | None, kind: str = "visit", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meter = kind
        if kind != "visit":
            for name in ("check_in", "recording", "recording_seconds"):
                del self.fields[name]
        people = account.contacts.all() if account else Contact.objects.none()
        self.fields["contact"].queryset = people  # type: ignore[attr-defined]
        self.fields["contact"].empty_label = "–"  # type: ignore[attr-defined]
        if not people:
            del self.fields["contact"]


class NoteForm(NextStepForm):
    """Something worth remembering."""

    text = forms.CharField(label=_("Note"), max_length=10_000, widget=forms.Textarea(attrs={"autofocus": True}))

    field_order = ("text", "when", "day", "next_step")

    def __init__(self, *args: Any, account: Account | None, kind: str = "note", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
