"""Logging a talk: one sheet from top to bottom, one required field."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.activities.models import Outcome
from crm.pipeline.forms import IN_DAYS, day_in

KINDS = [("call", _("Call")), ("visit", _("Visit")), ("note", _("Note"))]


class LogForm(forms.Form):
    """What happened, how it went, what comes next."""

    kind = forms.ChoiceField(label=_("What was it?"), choices=KINDS, widget=forms.RadioSelect)
    outcome = forms.ChoiceField(label=_("How did it go?"), choices=Outcome.choices, widget=forms.RadioSelect)
    text = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    next_step = forms.CharField(label=_("Next step"), max_length=250, required=False)
    in_days = forms.ChoiceField(label=_("When"), choices=IN_DAYS, required=False, widget=forms.RadioSelect)
    next_step_on = forms.DateField(label=_("Or on"), required=False, widget=forms.DateInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self["kind"].value() == "note":
            self.fields["outcome"].required = False

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
