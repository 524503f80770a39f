from django import forms
from django.utils.translation import gettext_lazy as _

from integration.contracts import all_contracts


class EventFilter(forms.Form):
    """Narrows the list of events; an odd value narrows nothing."""

    source = forms.ChoiceField(
        label=_("From"), choices=[("", _("From either side")), ("crm", "CRM"), ("erp", "ERP")], required=False
    )
    type = forms.ChoiceField(label=_("Contract"), required=False)
    state = forms.ChoiceField(
        label=_("Delivery"),
        choices=[("", _("Any delivery")), ("waiting", _("Waiting")), ("parked", _("Parked"))],
        required=False,
    )

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        names = [(contract.type, contract.type) for contract in all_contracts()]
        self.fields["type"].choices = [("", _("All contracts")), *names]  # type: ignore[attr-defined]
