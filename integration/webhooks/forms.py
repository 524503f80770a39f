"""What is asked about an endpoint."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integration.webhooks.services import EVERY_EVENT, event_types_for


class EndpointForm(forms.Form):
    """Where, what, and what for."""

    url = forms.CharField(label=_("Address"), max_length=500, widget=forms.URLInput, help_text=_("https://…"))
    description = forms.CharField(label=_("What for"), max_length=200, required=False)
    events = forms.MultipleChoiceField(label=_("What it is told"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        events: Any = self.fields["events"]
        events.choices = [(one, _("Everything") if one == EVERY_EVENT else one) for one in event_types_for(user)]
