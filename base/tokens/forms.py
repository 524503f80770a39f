"""What is asked before a token is made."""

from typing import Any

from django import forms
from django.apps import apps
from django.utils.translation import gettext_lazy as _

from base.scopes import areas

REACH = [
    ("*:write", _("Everything I may do")),
    ("*:read", _("Read everything I may see")),
    ("", _("Only what I choose")),
]
AREA = [("", _("Nothing")), ("read", _("Read")), ("write", _("Read and write"))]
# Areas that are no domain of the trade and so have no name of their own; the words are those of their pages.
HOUSE = {
    "account": _("People and sessions"),
    "exchange": _("Import"),
    "jobs": _("Jobs"),
    "liaison": _("To mend"),
    "outbox": _("Signing keys"),
    "search": _("Search"),
    "tokens": _("API tokens"),
    "today": _("Today"),
    "webhooks": _("Webhooks"),
    "wire": _("Incoming and outgoing events"),
}
LIVES = [(7, _("A week")), (30, _("A month")), (90, _("Three months")), (365, _("A year"))]


class TokenForm(forms.Form):
    """A name, how long, and what for: everything, reading, or area by area."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What will use it, such as “web shop”."))
    days = forms.TypedChoiceField(label=_("Ends after"), choices=LIVES, coerce=int, initial=90)
    reach = forms.ChoiceField(label=_("May do"), choices=REACH, required=False, widget=forms.RadioSelect, initial="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for area in areas():
            self.fields[f"area_{area}"] = forms.ChoiceField(label=area_label(area), choices=AREA, required=False)

    @property
    def areas(self) -> list[forms.BoundField]:
        """The fields of the areas."""
        return [self[f"area_{area}"] for area in areas()]

    @property
    def scopes(self) -> list[str]:
        """As they are written into the token."""
        if reach := self.cleaned_data["reach"]:
            return [reach]
        chosen = {area: self.cleaned_data[f"area_{area}"] for area in areas()}
        return [f"{area}:{verb}" for area, verb in chosen.items() if verb]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors and not self.scopes:
            self.add_error("reach", _("Choose what the token may do."))
        return told


def area_label(area: str) -> str:
    """The area as people call it."""
    named = {config.label: config.verbose_name for config in apps.get_app_configs()}
    return str(HOUSE.get(area) or named.get(area, area.replace("_", " ").capitalize()))
