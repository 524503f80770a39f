"""The list of returns."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Column, Empty, Kind, Listing
from base.listing.bulk import BulkAction
from base.templatetags.ui import qty
from base.ui import url_of
from erp.returns import services
from erp.returns.filters import ReturnFilter
from erp.returns.models import Return
from erp.returns.roles import DECIDERS, EVERYBODY


def _rows(user: Any) -> QuerySet[Return]:
    return Return.objects.visible_to(user).for_list().with_goods()


def _goods(goods_return: Return) -> str:
    lines = goods_return.lines.all()
    return format_html_join(", ", "{} {}", ((qty(line.quantity), line.order_line.sku) for line in lines))


def _goods_words(goods_return: Return) -> str:
    return ", ".join(f"{line.quantity.normalize():f} {line.order_line.sku}" for line in goods_return.lines.all())


def _note(goods_return: Return) -> str:
    if not goods_return.credit_note:
        return goods_return.credit_note_number or "–"
    url = url_of("invoices:detail", goods_return.credit_note)
    return format_html('<a href="{}">{}</a>', url, goods_return.credit_note_number)


class InstructionsForm(forms.Form):
    """How the customers send the goods."""

    instructions = forms.CharField(
        label=_("How they send the goods"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000, required=False
    )


class RefusalForm(forms.Form):
    """Why not."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


ACTIONS = (
    BulkAction(
        name="authorise",
        label=_("Authorise"),
        roles=DECIDERS,
        form=lambda _user: InstructionsForm,
        run=lambda goods_return, _user, told: services.authorise(goods_return, told["instructions"]),
    ),
    BulkAction(
        name="refuse",
        label=_("Refuse"),
        icon="x",
        roles=DECIDERS,
        form=lambda _user: RefusalForm,
        run=lambda goods_return, _user, told: services.refuse(goods_return, told["reason"]),
    ),
)

RETURNS = Listing(
    name="returns",
    model=Return,
    title=_("Returns"),
    url_name="returns:list",
    rows=_rows,
    filterset=ReturnFilter,
    order=("-pk",),
    roles=EVERYBODY,
    count=lambda count: ngettext("%(count)s return", "%(count)s returns", count) % {"count": f"{count:,}"},
    placeholder=_("Number, customer, ticket"),
    bar=("status", "start", "end"),
    actions=ACTIONS,
    columns=(
        Column(name="number", label=_("number")),
        Column(name="status", label=_("status"), kind=Kind.STATUS, group=True),
        Column(name="asked_on", label=_("asked for"), source="created_at", kind=Kind.MOMENT, group=True),
        Column(name="party", label=_("customer"), source="order__party__name", group=True),
        Column(
            name="order", label=_("order"), source="order__number",
            url=lambda goods_return: url_of("orders:detail", goods_return.order_id),
        ),
        Column(name="ticket", label=_("ticket"), source="ticket_number"),
        Column(name="goods", label=_("goods"), value=_goods_words, cell=_goods, sort=False),
        Column(name="reason", label=_("reason"), wide=True),
        Column(name="received_at", label=_("received"), kind=Kind.MOMENT),
        Column(name="credit_note", label=_("credit note"), source="credit_note_number", cell=_note),
        Column(name="decided_by", label=_("decided by"), group=True, shown=False),
        Column(name="received_by", label=_("received by"), group=True, shown=False),
        Column(name="settled_at", label=_("settled"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="truck-return",
        title=_("Nothing came back yet"),
        text=_("An agent asks for a return on a ticket; it appears here to be decided, received and settled."),
        none_title=_("No return fits"),
        none_text=_("Try fewer words or another status."),
    ),
)  # fmt: skip
