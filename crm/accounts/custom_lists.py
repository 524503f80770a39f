"""The list of custom fields."""

import django_filters
from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Edit, Empty, Kind, ListFilterSet, Listing, YesNoFilter
from crm.accounts.custom_fields import KEEPERS, change
from crm.accounts.models import READERS, CustomField
from crm.accounts.models_custom import Of, ValueKind


class CustomFieldFilter(ListFilterSet):
    """By record, kind, and whether it is in use."""

    of = django_filters.ChoiceFilter(choices=Of.choices, label=_("Of"), empty_label=_("Any record"))
    kind = django_filters.ChoiceFilter(choices=ValueKind.choices, label=_("Kind"), empty_label=_("Any kind"))
    active = YesNoFilter(label=_("In use"))

    class Meta:
        model = CustomField
        fields: list[str] = []

    def matching(self, rows: QuerySet[CustomField], _name: str, text: str) -> QuerySet[CustomField]:
        """With these letters in one of its names, or so called by the API."""
        for word in text.split()[:6]:
            named = rows.filter(label_en__icontains=word) | rows.filter(label_zh__icontains=word)
            rows = named | rows.filter(key__icontains=word)
        return rows


CUSTOM_FIELDS = Listing(
    name="custom-fields",
    model=CustomField,
    title=_("Custom fields"),
    url_name="accounts:field_list",
    rows=lambda user: CustomField.objects.visible_to(user),
    filterset=CustomFieldFilter,
    order=("of", "position", "key", "id"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s field", "%(count)s fields", count) % {"count": f"{count:,}"},
    placeholder=_("Name or key…"),
    bar=("of", "active"),
    trail=(_("Accounts"), "accounts:list"),
    lead=_("Fields that your company adds to accounts, contacts, leads and deals: up to thirty of each."),
    version=lambda field: field.updated_at.isoformat(),
    row_url=lambda field: reverse("accounts:field_edit", args=[field.pk]),
    buttons=(Button(_("New field"), "accounts:field_new", roles=KEEPERS, sheet=True),),
    columns=(
        Column(name="label", label=_("name"), source="label_en", value=lambda field: field.label),
        Column(name="of", label=_("of"), kind=Kind.CHOICE, group=True),
        Column(name="kind", label=_("kind"), kind=Kind.CHOICE, group=True),
        Column(name="key", label=_("key")),
        Column(name="active", label=_("in use"), kind=Kind.BOOL, group=True),
        Column(name="required", label=_("required"), kind=Kind.BOOL, group=True),
        Column(
            name="position",
            label=_("position"),
            kind=Kind.NUMBER,
            edit=Edit(
                field=lambda: forms.IntegerField(min_value=0, max_value=32767),
                roles=KEEPERS,
                save=lambda field, position, user: change(field, by=user, position=position),
            ),
        ),
        Column(
            name="options",
            label=_("options"),
            value=lambda field: ", ".join(field.options),
            sort=False,
            wide=True,
            shown=False,
        ),
        Column(name="label_zh", label=_("name in Chinese"), shown=False),
        Column(name="updated_at", label=_("changed"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="forms",
        title=_("No custom fields yet"),
        text=_("What your trade asks for and no form has: a shoe size, the end of a contract, who recommended them."),
        none_title=_("No field fits"),
        none_text=_("Try fewer letters or another filter."),
        button=Button(_("New field"), "accounts:field_new", roles=KEEPERS, sheet=True),
    ),
)
