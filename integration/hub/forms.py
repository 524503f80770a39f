from django import forms
from django.utils.translation import gettext_lazy as _

from integration.contracts import all_contracts
from integration.hub.models import AlertKind, Scope


class DecisionForm(forms.Form):
    """One of the case's choices with its reason."""

    reason = forms.CharField(label=_("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    value = forms.CharField(label=_("Which record is meant"), max_length=200, required=False)
    choice = forms.CharField(max_length=20, widget=forms.HiddenInput, required=False)


class ReasonForm(forms.Form):
    """Why something is let go."""

    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ErasureForm(forms.Form):
    """Whose words are to go, and why."""

    what = forms.CharField(
        label=_("Record or event"), max_length=300, help_text=_("A record as in customer:…, or the id of one event.")
    )
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class PauseForm(forms.Form):
    """What to hold by hand, and why."""

    scope = forms.ChoiceField(label=_("Hold"), choices=Scope.choices, initial=Scope.CONTRACT)
    target = forms.CharField(
        label=_("Which"),
        max_length=300,
        required=False,
        help_text=_("A contract as in crm.deal.won.v1, a direction as in crm>erp, a record as in crm deal:… ."),
    )
    reason = forms.CharField(label=_("Why"), max_length=500)


class SilenceForm(forms.Form):
    """What not to be told of, for how long, and why."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(kind.value, kind.label) for kind in AlertKind if kind is not AlertKind.ALERTING],
    )
    subject = forms.CharField(
        label=_("Subject"), max_length=300, required=False, help_text=_("As shown; * stands for anything.")
    )
    hours = forms.IntegerField(label=_("Hours"), min_value=1, max_value=72, initial=4)
    reason = forms.CharField(label=_("Why"), max_length=500)


class GrantForm(forms.Form):
    """A restricted contract for a side."""

    contract = forms.ChoiceField(label=_("Restricted contract"))
    destination = forms.ChoiceField(label=_("To"), choices=[("crm", "CRM"), ("erp", "ERP")])
    reason = forms.CharField(label=_("Why"), max_length=500)

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        names = [contract.type for contract in all_contracts() if contract.data_class == "restricted"]
        self.fields["contract"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
