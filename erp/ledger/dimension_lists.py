"""The list of cost centres and projects."""

from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, ListFilterSet, Listing, Tab, YesNoFilter
from erp.ledger.models import Dimension, DimensionKind
from erp.ledger.roles import READERS, WRITERS
from erp.ledger.services import company


class DimensionFilter(ListFilterSet):
    """By kind, and whether lines may name them."""

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=DimensionKind.choices, empty_label=_("Both kinds"))
    active = YesNoFilter(label=_("Active"))
    code = django_filters.CharFilter(lookup_expr="iexact", label=_("Code"))

    class Meta:
        model = Dimension
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in code, initials or a name."""
        for word in text.split()[:6]:
            names = Q(name__icontains=word) | Q(name_zh__icontains=word)
            rows = rows.filter(Q(code__istartswith=word) | Q(initials__iexact=word) | names)
        return rows


def _rows(user: Any) -> QuerySet[Dimension]:
    return Dimension.objects.visible_to(user).filter(company=company()).select_related("parent")


def _lines(one: Dimension) -> str:
    return f"{reverse('ledger:lines')}?{urlencode({one.kind: one.code})}"


def _kinds(_asked: Any) -> list[Tab]:
    return [Tab(_("All"), {}), *(Tab(capfirst(words), {"kind": kind}) for kind, words in DimensionKind.choices)]


DIMENSIONS = Listing(
    name="dimensions",
    model=Dimension,
    title=_("Cost centres and projects"),
    url_name="ledger:dimensions",
    rows=_rows,
    filterset=DimensionFilter,
    order=("kind", "code"),
    roles=READERS,
    count=lambda count: (
        ngettext("%(count)s cost centre or project", "%(count)s cost centres and projects", count)
        % {"count": f"{count:,}"}
    ),
    placeholder=_("Code, initials or name"),
    bar=("active",),
    buttons=(
        Button(_("Import"), "exchange:home", icon="table-import", tone="", roles=WRITERS),
        Button(_("New"), "ledger:new_dimension", roles=WRITERS),
    ),
    template="erp/ledger/books.html",
    tabs=_kinds,
    columns=(
        Column(name="code", label=_("code")),
        Column(name="name", label=_("name"), value=lambda one: one.label, fields=("name", "name_zh"), wide=True),
        Column(name="kind", label=_("kind"), kind=Kind.CHOICE, group=True),
        Column(
            name="parent", label=_("belongs to"), source="parent__code", value=lambda one: str(one.parent or ""),
            group=True,
        ),
        Column(name="initials", label=_("initials")),
        Column(name="active", label=_("active"), kind=Kind.BOOL, group=True),
        Column(
            name="lines", label=_("lines"), sort=False, value=lambda _one: str(_("Lines")), url=_lines,
            fields=("code",),
        ),
        Column(name="created_at", label=_("written"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="list-tree",
        title=_("No cost centre and no project yet"),
        text=_(
            "With the first one, vouchers have a column for it, and profit and loss can be read by who bears the cost."
        ),
        none_title=_("Nothing fits"),
        none_text=_("Try fewer words or another choice."),
        button=Button(_("Open the first one"), "ledger:new_dimension", roles=WRITERS),
    ),
)  # fmt: skip
