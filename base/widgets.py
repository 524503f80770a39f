"""Widgets that are written without the template engine: a select of plain options, a text field that suggests words."""

from collections.abc import Callable, Iterable
from html import escape
from typing import Any, Self

from django import forms
from django.forms.utils import flatatt
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe


class QuickSelect(forms.Select):
    """Django's own select, but for how it is written; groups of options are left to Django."""

    @classmethod
    def like(cls, other: forms.Select) -> Self:
        """The same select."""
        made = cls(other.attrs, other.choices)
        made.is_required, made.is_localized = other.is_required, other.is_localized
        return made

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        choices = list(self.choices)
        if any(isinstance(label, list | tuple) for _value, label in choices):
            return super().render(name, value, attrs, renderer)
        chosen, mark, parts = self.format_value(value), " selected", []
        for option, label in choices:
            told = "" if option is None else str(option)
            words = conditional_escape(str(localize(label)))
            if told in chosen:
                parts.append(f'<option value="{escape(told)}"{mark}>{words}</option>\n')
                mark = ""  # only one is
            else:
                parts.append(f'<option value="{escape(told)}">{words}</option>\n')
        told_attrs = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        return mark_safe(f"<select{told_attrs}>\n{''.join(parts)}</select>")  # noqa: S308 -- escaped above


Suggestions = Callable[[], Iterable[tuple[str, str]]]
"""Each word, and what it stands for where that is something else."""


class SuggestingInput(forms.TextInput):
    """A text field that suggests words; after a comma it suggests the next one (static/js/ui.js)."""

    def __init__(self, suggestions: Suggestions, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.suggestions = suggestions

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        told = dict(attrs or {})
        told["list"] = f"{told.get('id') or name}-words"
        field = super().render(name, value, {**told, "data-words": "", "autocomplete": "off"}, renderer)
        words = "".join(f'<option value="{escape(word)}">{escape(said)}</option>' for word, said in self.suggestions())
        return mark_safe(f'{field}<datalist id="{escape(told["list"])}">{words}</datalist>')  # noqa: S308 -- escaped
