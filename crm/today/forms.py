"""Logging a talk: one sheet from top to bottom, one required field."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Account
from crm.activities.checking_in import CheckInField
from crm.activities.models import Outcome
from crm.activities.pictures import ACCEPT
from crm.activities.sounds import RecordingField, SecondsField
from crm.pipeline.forms import IN_DAYS, day_in

KINDS = [
    ("visit", _("Visit")),
    ("call", _("Call")),
    ("meeting", _("Meeting")),
    ("note", _("Note")),
    ("task", _("Task")),
]
# What is folded away, so that what one needs stands under the thumb.
_STEP, _PHOTO = ("next_step", "in_days", "next_step_on"), ("photo", "keep_place")
FOLDED = {"note": ("outcome", *_STEP, *_PHOTO), "task": ("outcome", "text", *_PHOTO)}


class LogForm(forms.Form):
    """What happened, how it went, what comes next; with whom, where that is not known yet."""

    account = forms.ModelChoiceField(
        label=_("With whom?"), queryset=Account.objects.none(), widget=forms.RadioSelect, empty_label=None
    )
    check_in = CheckInField()
    recording = RecordingField()
    recording_seconds = SecondsField()
    text = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    photo = forms.FileField(
        label=_("Photo"), required=False, widget=forms.FileInput(attrs={"accept": ACCEPT}), max_length=200
    )
    keep_place = forms.BooleanField(label=_("Keep where the photo was taken"), required=False)
    outcome = forms.ChoiceField(label=_("How did it go?"), choices=Outcome.choices, widget=forms.RadioSelect)
    next_step = forms.CharField(label=_("Next step"), max_length=250, required=False)
    in_days = forms.ChoiceField(label=_("When"), choices=IN_DAYS, required=False, widget=forms.RadioSelect)
    next_step_on = forms.DateField(label=_("Or on"), required=False, widget=forms.DateInput)
    kind = forms.ChoiceField(label=_("What was it?"), choices=KINDS, widget=forms.RadioSelect)

    def __init__(self, *args: Any, likeliest: list[Account], allowed: Any, **options: Any) -> None:
        """`likeliest` are offered, the first is chosen; `allowed` may be named. None: it is known with whom."""
        super().__init__(*args, **options)
        if likeliest:
            whom: Any = self.fields["account"]
            whom.queryset = allowed
            whom.initial = likeliest[0].pk
            whom.widget.choices = [(one.pk, one.name) for one in likeliest]
        else:
            del self.fields["account"]
        kind = str(self["kind"].value())
        self.folded = (*FOLDED.get(kind, (*_PHOTO, *_STEP)), "kind")
        if kind != "visit":
            for name in ("check_in", "recording", "recording_seconds"):
                del self.fields[name]
        self.fields["outcome"].required = kind not in FOLDED
        self.fields["next_step"].required = kind == "task"

    @property
    def meter(self) -> str:
        """Under which name the meter knows it."""
        return str(self["kind"].value())

    @property
    def kind_label(self) -> Any:
        """What it is, as far as that is chosen."""
        return dict(KINDS).get(str(self["kind"].value()), "")

    def clean(self) -> dict[str, Any]:
        """A talk has an outcome, a note has words; a step without a day is for tomorrow."""
        told = super().clean() or {}
        if told.get("kind") == "note" and not told.get("text", "").strip():
            self.add_error("text", _("Write a word or two."))
        if told.get("in_days") and not told.get("next_step_on"):
            told["next_step_on"] = day_in(told["in_days"])
        if told.get("next_step") and not told.get("next_step_on"):
            told["next_step_on"] = timezone.localdate() + timedelta(days=1)
        return told
