"""The sheet on which somebody shares an account: with whom, how far, until when."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from base.days import house_day
from crm.access.models import Team
from crm.accounts.forms import PersonChoiceField
from crm.accounts.models import AccountShare, ShareLevel
from crm.accounts.sharing import ONE_OF_THEM
from crm.accounts.ways import SEE_ALL

LASTS = [("7", _("1 week")), ("30", _("1 month")), ("90", _("3 months"))]


def reps() -> Any:
    """Whom a share gives something: people here who do not see every account anyway."""
    people = get_user_model().objects.filter(is_active=True, is_superuser=False, groups__name="rep")
    return people.exclude(groups__name__in=SEE_ALL).distinct().order_by("username")


def teams() -> Any:
    """With which teams one may share; their names are nobody's secret."""
    return Team.objects.order_by("name")


class ShareForm(forms.Form):
    """With a person or a team; a month unless said otherwise."""

    meter = "share"

    person = PersonChoiceField(label=_("Person"), queryset=None, required=False, empty_label=_("nobody"))
    team: Any = forms.ModelChoiceField(label=_("Or a team"), queryset=None, required=False, empty_label=_("none"))
    level = forms.ChoiceField(label=_("They may"), choices=ShareLevel.choices, widget=forms.RadioSelect)
    lasts = forms.ChoiceField(
        label=pgettext_lazy("how long", "For"), choices=LASTS, widget=forms.RadioSelect, required=False
    )
    until = forms.DateField(
        label=_("Or until"), required=False, widget=forms.DateInput, help_text=_("This day included; a year at most.")
    )
    why = forms.CharField(label=_("Why"), max_length=250, required=False)

    def __init__(self, data: Any, owner: Any = None, known: AccountShare | None = None) -> None:
        told: dict[str, Any] = {"level": ShareLevel.SEE, "lasts": "30"}
        if known is not None:
            told = {"person": known.user_id, "team": known.team_id, "level": known.level, "until": known.until,
                    "why": known.why}  # fmt: skip
        super().__init__(data, initial=told)
        self.fields["person"].queryset = reps().exclude(pk=owner)  # type: ignore[attr-defined]
        self.fields["team"].queryset = offered = teams()  # type: ignore[attr-defined]
        if not offered.exists():
            del self.fields["team"]

    def clean(self) -> dict[str, Any]:
        """One of them, and one day."""
        told = super().clean() or {}
        if bool(told.get("person")) == bool(told.get("team")) and not self.errors:
            self.add_error("person", ONE_OF_THEM)
        if self.errors:
            return told
        if told["lasts"] and "until" not in self.changed_data:  # the day of a share looked at again is not typed
            told["until"] = house_day() + timedelta(days=int(told["lasts"]))
        elif not told["until"]:
            self.add_error("until", _("Until when? Choose a day."))
        return told
