"""Forms of e-invoicing: a file that came, and who we are."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.einvoice.models import Letterhead
from erp.einvoice.services import LETTERHEAD_FIELDS


class FileForm(forms.Form):
    """An XML, or a PDF with an XML inside."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("UBL or CII as XML, or a PDF with it inside (Factur-X, ZUGFeRD). Up to 10 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xml,.pdf,application/xml,application/pdf"}),
    )


class LetterheadForm(forms.ModelForm):
    """What stands of us on every invoice."""

    class Meta:
        model = Letterhead
        fields = list(LETTERHEAD_FIELDS)

    @property
    def told(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: self.cleaned_data[name] for name in LETTERHEAD_FIELDS}
