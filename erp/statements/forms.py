"""What a statement is asked for."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput
from erp.ledger.forms import NarrowedForm, end_of_day
from erp.statements.models import Span

COMPARISONS = (
    ("", _("nothing")),
    ("span", _("the span before")),
    ("year", _("the year before")),
    ("cost_centre", _("cost centres")),
)


class StatementForm(NarrowedForm):
    """The span, what to compare with, the day as whose knowledge it is drawn up, and of what.

    What stands on a day stands there for the whole company: its balance sheet is not asked for by cost centre.
    """

    start = forms.DateField(label=_("From"), required=False)
    end = forms.DateField(label=_("To"), required=False)
    compare = forms.ChoiceField(label=_("Compare with"), choices=COMPARISONS, required=False)
    known = forms.DateField(
        label=_("As known on"), required=False, help_text=_("What was posted after that day is left out.")
    )

    def __init__(self, *args: Any, span: str = Span.PERFORMANCE, **kwargs: Any) -> None:
        super().__init__(*args, whole=span == Span.POSITION, **kwargs)
        if span == Span.POSITION:
            del self.fields["start"]
            self.fields["end"].label = _("On")
            self.fields["compare"].choices = COMPARISONS[:-1]  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """The answers, today's where none was given."""
        if not self.is_valid():
            field, errors = next(iter(self.errors.items()))
            raise BadInput(why=str(errors[0]), field=field)
        told = self.cleaned_data
        end: date = told["end"] or timezone.localdate()
        known = end_of_day(told["known"])
        return {"start": told.get("start"), "end": end, "compare": told["compare"], "known": known, "only": self.only}
