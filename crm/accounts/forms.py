"""What people type about accounts and contacts."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from crm.access.people import name_of
from crm.accounts.custom_forms import CustomForm
from crm.accounts.models import Account, AccountKind, Contact, Tier
from crm.accounts.models_pool import Why


def owners() -> Any:
    """Who may own an account: active users of the side."""
    return get_user_model().objects.filter(is_active=True).order_by("username")


class PersonChoiceField(forms.ModelChoiceField):
    """A choice of colleagues, by their names."""

    def label_from_instance(self, obj: Any) -> str:
        return name_of(obj)


class NewAccountForm(forms.Form):
    """The few things one knows when a company is met; the rest can come later."""

    meter = "account"

    name = forms.CharField(label=_("Company or person"), max_length=250)
    contact_name = forms.CharField(label=_("Whom do we talk with?"), max_length=250, required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=250, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.EmailField(label=_("E-mail"), max_length=250, required=False)
    city = forms.CharField(label=_("Town"), max_length=250, required=False)
    country = forms.CharField(label=_("Country"), max_length=250, required=False)


class AccountForm(CustomForm, forms.ModelForm):
    """All that people may change; `version` is the one they looked at."""

    meter = "edit_account"
    custom_of = "account"

    version = forms.IntegerField(widget=forms.HiddenInput)
    owner = PersonChoiceField(label=_("Owner"), queryset=owners(), required=False, empty_label=_("nobody"))

    class Meta:
        model = Account
        fields = (
            "name",
            "kind",
            "phone",
            "email",
            "website",
            "street",
            "postal_code",
            "city",
            "region",
            "country",
            "tax_id",
            "industry",
            "tier",
            "owner",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = Tier.choices  # type: ignore[attr-defined]
        self.fields["kind"].choices = AccountKind.choices  # type: ignore[attr-defined]
        self.fields["website"].widget.attrs["placeholder"] = "https://"


class PersonForm(forms.Form):
    """The few things one knows of somebody who is met."""

    meter = "contact"

    name = forms.CharField(label=_("Name"), max_length=250)
    title = forms.CharField(label=_("Position"), max_length=250, required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=250, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.EmailField(label=_("E-mail"), max_length=250, required=False)


class ContactForm(CustomForm, PersonForm):
    """Somebody who works there, and all that the company wants to know of them."""

    custom_of = "contact"

    @classmethod
    def of(cls, contact: Contact, data: Any) -> "ContactForm":
        """The form with what we know."""
        form = cls(data, initial={name: getattr(contact, name) for name in (*cls.base_fields, "custom")})
        form.meter = "edit_contact"
        return form


class GiveBackForm(forms.Form):
    """Why somebody lets it go."""

    meter = "give_back"

    why = forms.ChoiceField(label=_("Why?"), choices=Why.choices, widget=forms.RadioSelect)
    note = forms.CharField(label=_("In a few words"), max_length=250, required=False)
