"""What of the measures one wants to see."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crm.meter import reports
from crm.meter.known import NAMES
from crm.meter.models import Screen
from crm.meter.services import ROLES


class AskedForm(forms.Form):
    """The weeks, and who wrote on what; all is left out without fault."""

    weeks = forms.TypedChoiceField(
        label=_("Weeks"),
        choices=[(4, _("Four weeks")), (12, _("Twelve weeks")), (52, _("A year"))],
        coerce=int,
        required=False,
    )
    screen = forms.ChoiceField(label=_("Screen"), choices=[("", _("Phone and desk")), *Screen.choices], required=False)
    role = forms.ChoiceField(
        label=_("Role"), choices=[("", _("All roles")), *((role, capfirst(role)) for role in ROLES)], required=False
    )
    team = forms.ChoiceField(label=_("Team"), required=False)
    form = forms.ChoiceField(required=False, choices=[("", ""), *NAMES.items()], widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known = reports.teams()
        self.fields["team"].choices = [("", _("All teams")), *known]  # type: ignore[attr-defined]
        if not known:
            del self.fields["team"]

    def told(self) -> dict[str, Any]:
        """What was asked; what cannot be is as if it had not been."""
        self.is_valid()
        found = self.cleaned_data
        return {"weeks": 12, "screen": "", "role": "", "team": "", "form": ""} | {
            name: value for name, value in found.items() if value
        }
