"""The list of what the hub asks this side's people to mend."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Column, Empty, Kind, Listing, Tab
from integration.liaison.filters import AmendmentFilter
from integration.liaison.models import PEOPLE, Amendment


def _tabs(asked: Any) -> list[Tab]:
    waiting = Amendment.objects.visible_to(asked.user).waiting().count()
    return [Tab(_("To mend"), {"waiting": "true"}, waiting), Tab(_("Done"), {"waiting": "false"}), Tab(_("All"), {})]


AMENDMENTS = Listing(
    name="amendments",
    model=Amendment,
    title=_("To mend"),
    lead=_("What the hub found wrong in what we said. Mend it in its record here; the change travels by itself."),
    url_name="liaison:amendments",
    rows=lambda user: Amendment.objects.visible_to(user),
    filterset=AmendmentFilter,
    order=("-asked_at", "-pk"),
    roles=PEOPLE[settings.SIDE],
    count=lambda count: ngettext("%(count)s case", "%(count)s cases", count) % {"count": f"{count:,}"},
    placeholder=_("Case, record or what is wrong"),
    bar=("start", "end"),
    defaults=lambda _user: {"waiting": "true"},
    tabs=_tabs,
    columns=(
        Column(name="number", label=_("case"), text=str, cell=lambda row: f"#{row.number}"),
        Column(name="cause", label=_("what is wrong"), wide=True),
        Column(name="about", label=_("about"), group=True),
        Column(name="asked_by", label=_("asked by"), group=True),
        Column(name="asked_at", label=_("since"), kind=Kind.MOMENT),
        Column(name="done_at", label=_("mended"), kind=Kind.MOMENT),
        Column(name="done_by", label=_("mended by"), group=True),
        Column(name="answer", label=_("what was done"), wide=True, shown=False),
        Column(name="contract", label=_("contract"), group=True, shown=False),
        Column(name="note", label=_("note"), wide=True, shown=False),
    ),
    empty=Empty(
        icon="circle-check",
        title=_("Nothing to mend"),
        text=_(
            "When something we said contradicts what the other side knows, the hub's operator asks here, with both "
            "values side by side."
        ),
        none_title=_("Nothing to mend"),
        none_text=_("What was mended before stands under “Done”."),
    ),
)  # fmt: skip
