"""Pages of custom fields: the list of them, and one field."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from base.listing.views import show
from base.roles import role_required
from crm.accounts import custom_fields
from crm.accounts.custom_lists import CUSTOM_FIELDS
from crm.accounts.models import READERS, CustomField
from crm.accounts.models_custom import KEY_LENGTH, LABEL_LENGTH, Of, ValueKind
from crm.accounts.sheets import quick_form


class FieldForm(forms.Form):
    """What a field is called, what is written in it, and whether it is asked for."""

    of = forms.ChoiceField(label=gettext_lazy("Of"), choices=Of.choices, widget=forms.RadioSelect)
    label_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=LABEL_LENGTH)
    label_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=LABEL_LENGTH, required=False)
    key = forms.CharField(
        label=gettext_lazy("Key"),
        max_length=KEY_LENGTH,
        help_text=gettext_lazy("What the API and files call it, such as shoe_size; it stays."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=ValueKind.choices, widget=forms.RadioSelect, initial=ValueKind.TEXT
    )
    options = forms.CharField(
        label=gettext_lazy("Options"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For a choice: one in each line."),
    )
    required = forms.BooleanField(
        label=gettext_lazy("Required"),
        required=False,
        help_text=gettext_lazy("On the full form; what is captured in a hurry may leave it out."),
    )
    position = forms.IntegerField(
        label=gettext_lazy("Position"),
        min_value=0,
        max_value=32767,
        required=False,
        help_text=gettext_lazy("Lower ones stand first."),
    )
    active = forms.BooleanField(
        label=gettext_lazy("In use"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Switched off it is not shown; values stay."),
    )

    def __init__(self, data: Any, field: CustomField | None = None) -> None:
        names = [*custom_fields.CHANGEABLE]
        told = {name: getattr(field, name) for name in names} if field else {}
        if field:
            told["options"] = "\n".join(field.options)
        super().__init__(data, initial=told)
        if field:
            del self.fields["of"], self.fields["key"]

    def told(self) -> dict[str, Any]:
        """What the service wants to know."""
        told = dict(self.cleaned_data)
        told["options"] = told["options"].splitlines()
        if told["position"] is None:
            del told["position"]
        return told


@require_GET
@role_required(*READERS)
def field_list(request: HttpRequest) -> HttpResponse:
    """All fields that were added."""
    return show(request, CUSTOM_FIELDS)


@require_http_methods(["GET", "POST"])
@role_required(*custom_fields.KEEPERS)
def field_new(request: HttpRequest) -> HttpResponse:
    """One more."""
    form = FieldForm(request.POST if request.method == "POST" else None)
    return quick_form(
        request,
        form,
        title=_("New field"),
        submit=_("Create"),
        save=lambda _typed: custom_fields.make(by=request.user, **form.told()),
        back=reverse("accounts:field_list"),
        go=lambda _made: reverse("accounts:field_list"),
    )


@require_http_methods(["GET", "POST"])
@role_required(*custom_fields.KEEPERS)
def field_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Call it otherwise, switch it off."""
    field: CustomField = get_object_or_404(CustomField.objects.visible_to(request.user), pk=pk)
    form = FieldForm(request.POST if request.method == "POST" else None, field)
    back = reverse("accounts:field_list")
    used = custom_fields.values_of(field)
    return quick_form(
        request,
        form,
        title=f"{field.label} · {field.get_of_display()} · {field.key}",
        save=lambda _typed: custom_fields.change(field, by=request.user, **form.told()),
        back=back,
        go=lambda _changed: back,
        remove=None if used else (reverse("accounts:field_remove", args=[field.pk]), _("Remove field")),
    )


@require_POST
@role_required(*custom_fields.KEEPERS)
def field_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Made by mistake."""
    custom_fields.remove(get_object_or_404(CustomField.objects.visible_to(request.user), pk=pk), by=request.user)
    return redirect("accounts:field_list")
