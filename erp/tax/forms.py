"""What people say about returns."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput
from erp.ledger.forms import end_of_day
from erp.ledger.models import Company
from erp.tax.models import ReturnForm, TaxProfile
from erp.tax.returns import PROFILE_FIELDS, Span, next_span, span_from
from erp.tax.services import profile_of


class SpanForm(forms.Form):
    """Which span a return is drawn up for, and as of whose knowledge."""

    start = forms.DateField(label=_("From"), required=False)
    months = forms.TypedChoiceField(
        label=_("Span"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("as usual")), (1, _("a month")), (3, _("a quarter")), (12, _("a year"))],
    )
    known = forms.DateField(
        label=_("As known on"), required=False, help_text=_("What was posted after that day is left out.")
    )

    def asked(self, company: Company) -> dict[str, Any]:
        """The answers; the next span to file where none was given."""
        if not self.is_valid():
            field, errors = next(iter(self.errors.items()))
            raise BadInput(why=str(errors[0]), field=field)
        told = self.cleaned_data
        start: date | None = told["start"]
        span: Span = next_span(company)
        if start or told["months"]:
            span = span_from(start or span.start, told["months"] or profile_of(company).months)
        return {"span": span, "known": end_of_day(told["known"])}


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Why it is amended"), max_length=250)


class ProfileForm(forms.ModelForm):
    """How the company is taxed."""

    class Meta:
        model = TaxProfile
        fields = list(PROFILE_FIELDS)

    def __init__(self, *args: Any, company: Company, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        forms_here: Any = self.fields["form"]
        forms_here.queryset = ReturnForm.objects.filter(jurisdiction=company.jurisdiction)
        forms_here.empty_label = _("as usual for the regime")

    @property
    def told(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: self.cleaned_data[name] for name in PROFILE_FIELDS}
