"""Forms of payment terms: the head, and the grid of lines."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from erp.terms.models import PaymentTerms
from erp.terms.schedule import DAYS_MAX, HUNDRED, Step

ROWS = 3
ROWS_MAX = 60


class TermsForm(forms.Form):
    """What they are called."""

    code = forms.CharField(label=_("Code"), max_length=20, help_text=_("Short, such as NET30; files name it."))
    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)


class StepForm(forms.Form):
    """One row of the grid; an empty row is no line."""

    share = forms.DecimalField(
        label=_("Share, %"), min_value=Decimal("0.0001"), max_value=HUNDRED, decimal_places=4, required=False
    )
    days = forms.IntegerField(label=_("Days"), min_value=0, max_value=DAYS_MAX, required=False)
    month_end = forms.BooleanField(label=_("From the end of the month"), required=False)
    day_of_month = forms.IntegerField(label=_("Put off to the day"), min_value=1, max_value=31, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label  # the grid has the words in its head only
        for name in ("share", "days", "day_of_month"):
            self.fields[name].widget.attrs["class"] = "num"

    @property
    def step(self) -> Step | None:
        """The line the row says, or None."""
        told = self.cleaned_data
        if told.get("share") is None and told.get("days") is None and not told.get("month_end"):
            return None
        return Step(told.get("share"), told.get("days") or 0, bool(told.get("month_end")), told.get("day_of_month"))


class StepsFormSet(forms.BaseFormSet):
    """The grid; at least one line."""

    def clean(self) -> None:
        if not any(self.errors) and not self.steps:
            raise ValidationError(_("Say at least one day."))

    @property
    def steps(self) -> list[Step]:
        """What was typed, without the empty rows."""
        return [step for form in self.forms if (step := form.step)]


def step_grid(data: Mapping[str, Any] | None = None, terms: PaymentTerms | None = None) -> StepsFormSet:
    """The grid for new terms, or for terms with their lines."""
    rows = [
        {"share": line.share, "days": line.days, "month_end": line.month_end, "day_of_month": line.day_of_month}
        for line in (terms.lines.all() if terms else ())
    ]
    grid = forms.formset_factory(
        StepForm, formset=StepsFormSet, extra=1 if rows else ROWS, max_num=ROWS_MAX, absolute_max=ROWS_MAX
    )
    return grid(data, initial=rows, prefix="line")  # type: ignore[return-value]
