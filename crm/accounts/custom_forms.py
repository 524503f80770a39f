"""Custom fields in forms: the full form of a record asks for them, the quick ones do not."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.accounts.custom_values import DIGITS, PLACES, TEXT_LENGTH, rules_of, typed
from crm.accounts.models_custom import CustomField, ValueKind

YES_NO = [("true", _("Yes")), ("false", _("No"))]


class CustomForm(forms.BaseForm):
    """A form of a record with custom fields; its `cleaned_data["custom"]` is what the service wants to know."""

    custom_of = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        fields = rules_of(self.custom_of).active
        self.custom_names = {one.key: one.name for one in fields}
        told = self.initial.get("custom")
        if told is None:
            told = getattr(getattr(self, "instance", None), "custom", None)
        for one in fields:
            self.fields[one.name] = form_field(one)
            self.initial.setdefault(one.name, _shown(one, (told or {}).get(one.key)))

    def clean(self) -> dict[str, Any]:
        """What was typed, by the keys of the fields."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if self.custom_names:
            told["custom"] = {key: told.pop(name, None) for key, name in self.custom_names.items()}
        return told


def form_field(one: CustomField) -> forms.Field:
    """The form's field for one of ours."""
    told: dict[str, Any] = {"label": one.label, "required": one.required}
    if one.kind == ValueKind.NUMBER:
        return forms.DecimalField(max_digits=DIGITS, decimal_places=PLACES, **told)
    if one.kind == ValueKind.DATE:
        return forms.DateField(widget=forms.DateInput, **told)
    if one.kind == ValueKind.YES_NO:
        return forms.TypedChoiceField(
            choices=[("", "–"), *YES_NO], coerce=lambda text: text == "true", empty_value=None, **told
        )
    if one.kind == ValueKind.CHOICE:
        return forms.ChoiceField(choices=[("", "–"), *((word, word) for word in one.options)], **told)
    return forms.CharField(max_length=TEXT_LENGTH, **told)


def _shown(one: CustomField, kept: Any) -> Any:
    """What is kept as one would type it."""
    if one.kind == ValueKind.YES_NO:
        return "" if kept is None else "true" if kept else "false"
    return typed(one, kept)
