"""What narrows the list of products."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ProductFilterForm(forms.Form):
    """Category, and whether withdrawn products are shown too."""

    category = forms.ChoiceField(label=_("Category"), required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Offered now")), ("all", _("Withdrawn ones too")), ("withdrawn", _("Withdrawn only"))],
    )

    def __init__(self, *args: Any, categories: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [  # type: ignore[attr-defined]
            ("", _("Every category")),
            *((category, category) for category in categories),
        ]
