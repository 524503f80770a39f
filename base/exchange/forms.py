"""What people choose about a file: which column is which field, and by what rows are recognised."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.exchange.columns import Choice, Column, Person
from base.exchange.resources import ImportResource
from base.spreadsheets import ENCODINGS


class UploadForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV in any encoding, or an Excel workbook (.xlsx); up to 50 MB and 200,000 rows."),
        widget=forms.FileInput(),
    )

    def __init__(self, resource: ImportResource, *told: Any) -> None:
        super().__init__(*told)
        file = self.fields["file"]
        file.widget.attrs["accept"] = resource.accept
        if not resource.is_table:
            file.help_text = _("Text in any encoding; up to 50 MB.")


class EncodingForm(forms.Form):
    """For the rare file whose encoding was mistaken."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(ENCODINGS.items()))


class WordsForm(forms.Form):
    """As what the words are read that nobody here uses; what is left empty stays as it is."""

    def __init__(self, data: Any, resource: ImportResource, imp: Any) -> None:
        super().__init__(data)
        self.asked = [one for one in imp.report.get("unknown", []) if one["field"] in resource.columns]
        for place, one in enumerate(self.asked):
            self.fields[f"word_{place}"] = forms.CharField(
                label=_("{column}: “{word}”").format(column=resource.column(one["field"]).label, word=one["word"]),
                max_length=250,
                required=False,
                initial=one["near"],
                help_text=ngettext("%(count)s row", "%(count)s rows", one["count"]) % {"count": one["count"]},
            )

    @property
    def replacements(self) -> dict[str, dict[str, str]]:
        """Field → word → what is meant."""
        told: dict[str, dict[str, str]] = {}
        for place, one in enumerate(self.asked):
            if meant := self.cleaned_data[f"word_{place}"]:
                told.setdefault(one["field"], {})[one["word"]] = meant
        return told


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
        for name in sorted(resource.columns, key=lambda name: name not in resource.said_once):
            if name != resource.document or name in resource.said_once:
                self.fields[f"constant_{name}"] = self._constant(name, resource.column(name))
        self.fields["match_on"] = forms.MultipleChoiceField(
            label=_("Rows are recognised by"),
            choices=[(name, str(resource.column(name).label)) for name in resource.matchable],
            initial=imp.match_on,
            widget=forms.CheckboxSelectMultiple,
            help_text=_(
                "A record with the same value is changed, otherwise a new one is made. Choose what stays the same and "
                "is one record's alone: where several fit, none is changed."
            ),
        )
        if resource.has_lookalikes:
            self.fields["keep_lookalikes"] = forms.BooleanField(
                label=_("Import look-alikes too"),
                initial=imp.keep_lookalikes,
                required=False,
                help_text=_("Otherwise rows that look like a record here are left out; each says which."),
            )

    def _constant(self, name: str, column: Column) -> forms.Field:
        told: dict[str, Any] = {"label": column.label, "required": False, "initial": self.imp.constants.get(name, "")}
        if isinstance(column.widget, Choice):
            return forms.ChoiceField(choices=[("", "–"), *column.widget.choices], **told)
        help = _("A colleague, or “me”.") if isinstance(column.widget, Person) else ""
        if name in self.resource.said_once:
            help = str(column.help)
        return forms.CharField(max_length=250, help_text=help, **told)

    @property
    def words(self) -> list[tuple[Any, str, str, str]]:
        """Words that are read as others so far: field name, its label, the word, what it is read as."""
        columns = self.resource.columns
        return [
            (name, str(columns[name].label), word, meant)
            for name, words in self.imp.replacements.items()
            if name in columns
            for word, meant in words.items()
        ]

    @property
    def replacements(self) -> dict[str, dict[str, str]]:
        """Those words that are still to be read as others."""
        kept: dict[str, dict[str, str]] = {}
        sent: Any = self.data
        chosen = set(sent.getlist("keep_word"))
        for place, (name, _label, word, meant) in enumerate(self.words):
            if str(place) in chosen:
                kept.setdefault(name, {})[word] = meant
        return kept

    @property
    def constant_fields(self) -> list[Any]:
        """A field for each thing that all rows may say alike."""
        return [self[name] for name in self.fields if name.startswith("constant_")]

    @property
    def shows_constants(self) -> bool:
        """Open at once where something is said, or a file lacks what must be said."""
        mapped = set(self.imp.mapping.values())
        lacking = any(one.required and name not in mapped for name, one in self.resource.columns.items())
        return bool(lacking or self.imp.constants or any(field.errors for field in self.constant_fields))

    @property
    def constants(self) -> dict[str, str]:
        """What was said for all rows."""
        told = {name: self.cleaned_data.get(f"constant_{name}", "") for name in self.resource.columns}
        return {name: text for name, text in told.items() if text}

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
