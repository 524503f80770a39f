"""Forms of the register."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.fapiao import services
from erp.fapiao.models import Fapiao, FapiaoKind, RedReason
from erp.invoices.models import Invoice, InvoiceKind


class RequestForm(forms.Form):
    """Which kind, and for whom."""

    kind = forms.ChoiceField(label=_("Kind"), choices=FapiaoKind.choices)
    buyer_name = forms.CharField(label=_("Buyer"), max_length=250)
    buyer_tax_number = forms.CharField(
        label=_("Buyer's tax number"), max_length=40, required=False,
        help_text=_("Unified social credit code, 18 signs; a special fapiao needs it."),
    )  # fmt: skip
    remark = forms.CharField(label=_("Remark"), max_length=200, required=False, help_text=_("Printed on the fapiao."))

    @classmethod
    def of(cls, invoice: Invoice, data: Any = None) -> "RequestForm":
        """With the buyer as the invoice names them."""
        name, number = services.buyer_of(invoice)
        kind = FapiaoKind.SPECIAL if number else FapiaoKind.ORDINARY
        return cls(data, initial={"kind": kind, "buyer_name": name, "buyer_tax_number": number})


class NumberForm(forms.Form):
    """What the tax bureau gave."""

    number = forms.CharField(label=_("Fapiao number"), max_length=40, help_text=_("20 digits; an older one has 8."))
    code = forms.CharField(
        label=_("Fapiao code"), max_length=40, required=False, help_text=_("Of an older one: 10 or 12 digits.")
    )
    issued_on = forms.DateField(label=_("Issued on"), initial=timezone.localdate)
    link = forms.CharField(
        label=_("Document"), max_length=500, required=False, help_text=_("Where its PDF or OFD is, if on the web.")
    )


class EnterForm(RequestForm, NumberForm):
    """A fapiao that was issued by hand before anybody asked for it here."""

    field_order = ("number", "code", "issued_on", "kind", "buyer_name", "buyer_tax_number", "remark", "link")


class RedForm(forms.Form):
    """What is taken back, and why."""

    credit_note = forms.ModelChoiceField(
        label=_("What"), queryset=Invoice.objects.none(), required=False, empty_label=_("All that is left")
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=RedReason.choices)
    remark = forms.CharField(label=_("Remark"), max_length=200, required=False)
    number = forms.CharField(
        label=_("Fapiao number"), max_length=40, required=False, help_text=_("Only if it was issued by hand already.")
    )
    code = forms.CharField(label=_("Fapiao code"), max_length=40, required=False)
    issued_on = forms.DateField(label=_("Issued on"), initial=timezone.localdate, required=False)

    def __init__(self, fapiao: Fapiao, data: Any = None) -> None:
        """The credit notes that take something off the invoice and have no red letter yet; the first one is offered."""
        found = credit_notes_of(fapiao)
        first = found.first()
        reason = RedReason.SALES_RETURN if first else RedReason.INVOICING_ERROR
        super().__init__(data, initial={"credit_note": first, "reason": reason})
        field: Any = self.fields["credit_note"]
        field.queryset = found
        field.label_from_instance = lambda note: _("what {number} credits").format(number=note.number)


def credit_notes_of(fapiao: Fapiao) -> Any:
    """Credit notes on the fapiao's invoice that wait for their red letter."""
    done = Fapiao.objects.living().filter(reverses=fapiao, credit_note__isnull=False).values("credit_note")
    notes = Invoice.objects.filter(kind=InvoiceKind.CREDIT_NOTE, lines__credits__invoice=fapiao.invoice_id)
    return notes.exclude(pk__in=done).distinct().order_by("pk")
