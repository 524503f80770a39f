"""Forms of invoices."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AsOfForm(forms.Form):
    """The day that a report is of."""

    as_of = forms.DateField(label=_("As of"), initial=timezone.localdate, required=False)
