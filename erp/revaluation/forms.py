"""Forms of revaluations."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def last_months_end() -> date:
    """The day that is asked most."""
    return timezone.localdate().replace(day=1) - timedelta(days=1)


class DayForm(forms.Form):
    """As at which day."""

    day = forms.DateField(label=_("As at"), initial=last_months_end)


class TakeBackForm(forms.Form):
    """Why, and when."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
    date = forms.DateField(label=_("Dated"), required=False, help_text=_("The revaluation's own day, when left empty."))
