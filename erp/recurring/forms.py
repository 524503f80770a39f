"""What people type about a recurring voucher; its lines are the voucher's grid."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.ledger.models import Journal
from erp.ledger.services import company
from erp.recurring.models import RecurringVoucher
from erp.recurring.rhythm import Every
from erp.recurring.services import Pattern


class RecurringForm(forms.ModelForm):
    """The head of a pattern."""

    journal = forms.ChoiceField(label=_("Journal"))

    class Meta:
        model = RecurringVoucher
        fields = ["name", "text", "journal", "every", "first_on", "times", "spread", "reverse_next"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        journals: Any = self.fields["journal"]
        journals.choices = [(one.code, one.label) for one in Journal.objects.filter(company=company())]
        self.fields["every"].choices = Every.choices  # type: ignore[attr-defined]
        self.fields["name"].widget.attrs["placeholder"] = _("Office rent")
        self.fields["text"].widget.attrs["placeholder"] = _("Rent {month}")

    def _post_clean(self) -> None:
        """The services judge it; the form only reads."""

    @property
    def pattern(self) -> Pattern:
        """As the services take it."""
        return Pattern(**{name: self.cleaned_data[name] for name in self.Meta.fields})
