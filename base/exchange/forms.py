"""What people choose about a file: which column is which field, and by what rows are recognised."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from base.exchange.resources import ImportResource
from base.spreadsheets import ENCODINGS


class UploadForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV in any encoding, or an Excel workbook (.xlsx); up to 50 MB and 200,000 rows."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )


class EncodingForm(forms.Form):
    """For the rare file whose encoding was mistaken."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(ENCODINGS.items()))


class MappingForm(forms.Form):
    """One choice per column of the file."""

    def __init__(self, data: Any, resource: ImportResource, imp: Any) -> None:
        super().__init__(data)
        self.resource, self.imp = resource, imp
        required = {name for name, one in resource.columns.items() if one.required}
        fields = [
            (name, f"{one.label} *" if name in required else str(one.label)) for name, one in resource.columns.items()
        ]
        for place, header in enumerate(imp.headers):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=header,
                choices=[("", _("leave out")), *fields],
                required=False,
                initial=imp.mapping.get(header, ""),
            )
        self.fields["match_on"] = forms.MultipleChoiceField(
            label=_("Rows are recognised by"),
            choices=[(name, str(resource.column(name).label)) for name in resource.matchable],
            initial=imp.match_on,
            widget=forms.CheckboxSelectMultiple,
            help_text=_(
                "A record with the same value is changed, otherwise a new one is made. Choose what stays the same."
            ),
        )
        if resource.has_lookalikes:
            self.fields["keep_lookalikes"] = forms.BooleanField(
                label=_("Import look-alikes too"),
                initial=imp.keep_lookalikes,
                required=False,
                help_text=_("Otherwise rows with the same name, phone or e-mail as a record here are left out."),
            )

    @property
    def columns(self) -> list[tuple[Any, list[str]]]:
        """Each choice with the first cells of its column."""
        return [
            (self[f"column_{place}"], [row[place] for row in self.imp.sample if place < len(row) and row[place]])
            for place in range(len(self.imp.headers))
        ]

    @property
    def mapping(self) -> dict[str, str]:
        """What was chosen, by header."""
        return {header: self.cleaned_data.get(f"column_{place}", "") for place, header in enumerate(self.imp.headers)}
