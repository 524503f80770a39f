"""The list of proofs: every run, what it asked and what it found."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, DaysFilter, Empty, Kind, ListFilterSet, Listing, YesNoFilter
from erp.proof.models import READERS, Run


class RunFilter(ListFilterSet):
    """By day and by whether all held."""

    holds = YesNoFilter(method="that_hold", label=_("All hold"))
    started = DaysFilter(field_name="started_at", label=_("Day"))

    class Meta:
        model = Run
        fields: list[str] = []

    def that_hold(self, runs: QuerySet[Run], _name: str, value: bool) -> QuerySet[Run]:
        """Runs that found nothing, or those that found something."""
        return runs.filter(broken=0) if value else runs.filter(broken__gt=0)

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """Asked for by somebody of this name."""
        return rows.filter(asked_by__icontains=text)


def _outcome(run: Run) -> str:
    return _now("all hold") if run.holds else _now("broken")


RUNS = Listing(
    name="proofs",
    model=Run,
    title=_("Proofs"),
    url_name="proof:runs",
    trail=(_("Proof"), "proof:home"),
    rows=lambda user: Run.objects.visible_to(user),
    filterset=RunFilter,
    order=("-id",),
    roles=READERS,
    count=lambda count: ngettext("%(count)s proof", "%(count)s proofs", count) % {"count": f"{count:,}"},
    placeholder=_("Who asked for it"),
    bar=("holds", "started"),
    columns=(
        Column(name="started_at", label=_("started"), kind=Kind.MOMENT),
        Column(name="by", label=_("by"), source="asked_by", group=True),
        Column(
            name="outcome", label=_("state"), kind=Kind.STATUS, value=_outcome, text=str, sort="broken",
            tone=lambda run: "good" if run.holds else "bad", fields=("broken",),
        ),
        Column(name="broken", label=_("broken"), kind=Kind.NUMBER),
        Column(name="checked", label=_("rules"), kind=Kind.NUMBER),
        Column(name="finished_at", label=_("finished"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="shield-check",
        title=_("Nothing was proved yet"),
        text=_(
            "Each rule is a question to the whole database that must find nothing. It is asked every night, or now."
        ),
        none_title=_("No proof fits"),
        none_text=_("Try another day or another name."),
        button=Button(_("Proof"), "proof:home"),
    ),
)  # fmt: skip
