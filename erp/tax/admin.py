from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import ModelForm

from base.admin import HistoryAdmin, TieredInline
from base.refusals import Refused
from erp.statements.expressions import read_terms
from erp.tax.boxes import COUNTED
from erp.tax.expressions import Taxes
from erp.tax.models import BoxKind, ReturnBox, ReturnForm, TaxClass, TaxPointRule, TaxRate


@admin.register(TaxClass)
class TaxClassAdmin(HistoryAdmin):
    """Classes and their names."""

    list_display = ("code", "name", "name_zh", "treatment")
    search_fields = ("code", "name")


@admin.register(TaxRate)
class TaxRateAdmin(HistoryAdmin):
    """A change of the law is a new rate from its day; what stands is not edited away."""

    list_display = ("tax_class", "jurisdiction", "regime", "valid_from", "rate", "source")
    list_filter = ("jurisdiction", "regime", "tax_class")
    list_select_related = ("tax_class",)
    date_hierarchy = "valid_from"

    def has_change_permission(self, request: object, obj: TaxRate | None = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: TaxRate | None = None) -> bool:
        return False


@admin.register(TaxPointRule)
class TaxPointRuleAdmin(HistoryAdmin):
    """When supplies and their deposits are taxed."""

    list_display = ("jurisdiction", "supply_kind", "basis", "taxed_on", "due_on", "valid_from", "source")
    list_filter = ("jurisdiction", "supply_kind", "basis")


class BoxForm(ModelForm):
    """Reads what a box counts before it is kept."""

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            if told.get("kind") in COUNTED:
                Taxes.read(told.get("counts", ""))
            elif told.get("kind") in (BoxKind.SUM, BoxKind.POSITIVE, BoxKind.CARRIED):
                read_terms(told.get("counts", ""))
        except Refused as refusal:
            raise ValidationError({"counts": str(refusal)}) from refusal
        return told


class BoxInline(TieredInline):
    """The boxes under their form."""

    model = ReturnBox
    form = BoxForm
    extra = 0
    fields = ("position", "code", "printed", "kind", "name", "name_zh", "counts", "credit", "factor", "whole")


@admin.register(ReturnForm)
class ReturnFormAdmin(HistoryAdmin):
    """Returns as the law prints them."""

    list_display = ("code", "name", "name_zh", "jurisdiction", "regime")
    list_filter = ("jurisdiction", "regime")
    inlines = (BoxInline,)
