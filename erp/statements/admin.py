"""Layouts for admins, with their history."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import ModelForm

from base.admin import HistoryAdmin, TieredInline
from base.refusals import Refused
from erp.statements.expressions import Accounts, read_terms
from erp.statements.models import Layout, LayoutRow, RowKind


class RowForm(ModelForm):
    """Reads what a row counts before it is kept."""

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            if told.get("kind") == RowKind.ACCOUNTS:
                Accounts.read(told.get("counts", ""))
            elif told.get("kind") in (RowKind.SUM, RowKind.CHECK):
                read_terms(told.get("counts", ""))
        except Refused as refusal:
            raise ValidationError({"counts": str(refusal)}) from refusal
        return told


class RowInline(TieredInline):
    """The rows under their layout."""

    model = LayoutRow
    form = RowForm
    extra = 0
    fields = ("position", "code", "kind", "name", "name_zh", "counts", "credit", "level")


@admin.register(Layout)
class LayoutAdmin(HistoryAdmin):
    """Statements as the company draws them up."""

    list_display = ("code", "name", "name_zh", "span", "company")
    inlines = (RowInline,)
