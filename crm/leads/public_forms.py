"""What somebody outside types, and how a machine that types is known.

No third party is asked. A machine fills the field that nobody sees, sends the form sooner than a hand can, or makes up
its own slip: the form carries a signed one that says which form it is, when it was shown, and the one lead it may make.
"""

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from crm.leads.models import WebForm

SALT = "leads.web-form"
TOO_FAST_SECONDS, TOO_OLD_SECONDS = 3, 24 * 3600
TRAP = "fax_number"


@dataclass(frozen=True)
class Slip:
    """One showing of a form."""

    form: str
    lead: UUID
    shown_at: float

    @classmethod
    def fresh(cls, form: WebForm) -> "Slip":
        return cls(str(form.pk), uuid4(), time.time())

    def signed(self) -> str:
        return signing.dumps([self.form, str(self.lead), self.shown_at], salt=SALT)

    @classmethod
    def read(cls, text: str) -> "Slip | None":
        """The slip as we signed it; None for what is not ours."""
        try:
            form, lead, shown_at = signing.loads(text, salt=SALT)
            return cls(form, UUID(lead), float(shown_at))
        except (signing.BadSignature, ValueError, TypeError):
            return None

    def fits(self, form: WebForm) -> bool:
        """Of this form, and neither sent sooner than a hand can nor shown yesterday."""
        age = time.time() - self.shown_at
        return self.form == str(form.pk) and TOO_FAST_SECONDS <= age <= TOO_OLD_SECONDS


class PublicForm(forms.Form):
    """What the company wants to know of somebody; a way to answer is needed."""

    person = forms.CharField(
        label=_("Your name"), max_length=250, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    company = forms.CharField(
        label=_("Company"),
        max_length=250,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    email = forms.EmailField(
        label=_("E-mail"), max_length=250, required=False, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=250,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    interest = forms.CharField(label=_("What are you interested in?"), max_length=250, required=False)
    message = forms.CharField(
        label=_("Your message"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    consent = forms.BooleanField(required=False)

    def __init__(self, *args: Any, of: WebForm, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not of.asks_company:
            del self.fields["company"]
        if not of.asks_interest:
            del self.fields["interest"]
        if of.consent_text:
            self.fields["consent"].label = of.consent_text
        else:
            del self.fields["consent"]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not told.get("email") and not told.get("phone") and not self.errors:
            self.add_error("email", _("How can we reach you? An e-mail address or a phone number is needed."))
        return told
