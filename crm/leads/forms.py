"""What people type about leads."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.custom_forms import CustomForm
from crm.accounts.forms import PersonChoiceField, owners
from crm.accounts.models import Account
from crm.leads.cards import MOST_BYTES
from crm.leads.conversion import DealWanted
from crm.leads.matching import Match
from crm.leads.models import Lead, LossReason, Source

TYPED = [(one.value, one.label) for one in (Source.HAND, Source.CALL, Source.EVENT, Source.CARD, Source.REFERRAL)]


class NewLeadForm(forms.Form):
    """The few things one knows when somebody is met; any one of the first four is enough."""

    meter = "lead"

    all_optional = True  # each is, so none says so

    person = forms.CharField(label=_("Name"), max_length=250, required=False)
    company = forms.CharField(label=_("Company"), max_length=250, required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=250, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.EmailField(label=_("E-mail"), max_length=250, required=False)
    note = forms.CharField(label=_("Note"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    source = forms.ChoiceField(
        label=_("Came by"), choices=TYPED, initial=Source.HAND, required=False, widget=forms.RadioSelect
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        told["source"] = told.get("source") or Source.HAND
        if not any(told.get(name) for name in ("person", "company", "phone", "email")) and not self.errors:
            self.add_error("person", _("A name, a company, a phone number or an e-mail address is needed."))
        return told


class CardForm(forms.Form):
    """A card as a file of one's phone, or pasted as a QR code gave it."""

    meter = "lead_card"

    file = forms.FileField(
        label=_("Card file (.vcf)"), required=False, widget=forms.FileInput(attrs={"accept": ".vcf,text/vcard"})
    )
    card = forms.CharField(
        label=_("Or its text"),
        required=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "BEGIN:VCARD"}),
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if file := told.pop("file", None):
            told["card"] = file.read(MOST_BYTES + 1).decode("utf-8", "replace")
        if not told.get("card") and not self.errors:
            self.add_error("card", _("Choose a file, or paste what the QR code says."))
        return told


class LeadForm(CustomForm, forms.ModelForm):
    """All that people may change; `version` is the one they looked at."""

    meter = "edit_lead"
    custom_of = "lead"

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Lead
        fields = (
            "person",
            "company",
            "title",
            "phone",
            "email",
            "other_phone",
            "other_email",
            "website",
            "street",
            "postal_code",
            "city",
            "region",
            "country",
            "industry",
            "interest",
            "source",
            "source_detail",
            "campaign",
            "do_not_call",
            "do_not_email",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("phone", "other_phone"):
            self.fields[name].widget.input_type = "tel"


class LoseForm(forms.Form):
    """Why nothing comes of it."""

    meter = "lead_lose"

    reason = forms.ChoiceField(label=_("Why?"), choices=LossReason.choices, widget=forms.RadioSelect)
    note = forms.CharField(label=_("Note"), max_length=250, required=False)


class ConvertForm(forms.Form):
    """Which account it becomes, who the contact is, and whether there is a deal in it."""

    meter = "lead_convert"

    account = forms.ChoiceField(label=_("Account"), widget=forms.RadioSelect, required=False)
    with_deal = forms.BooleanField(label=_("With a deal"), required=False, initial=True)
    title = forms.CharField(label=_("What do they want?"), max_length=250, required=False)

    def __init__(self, *args: Any, user: Any, lead: Lead, matches: Sequence[Match], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        known = {str(match.account): match for match in matches if match.account and match.seen}
        new = _("New: {name}").format(name=lead.company or lead.name)
        choices = [("", new), *((pk, f"{match.called} · {match.why}") for pk, match in known.items())]
        self.fields["account"].choices = choices  # type: ignore[attr-defined]
        self.fields["title"].initial = lead.interest

    def told(self) -> dict[str, Any]:
        """What `conversion.convert` wants to know."""
        chosen = self.cleaned_data["account"]
        account = Account.objects.visible_to(self.user).get(pk=chosen) if chosen else None
        deal = DealWanted(title=self.cleaned_data["title"]) if self.cleaned_data["with_deal"] else None
        return {"account": account, "deal": deal}


class GiveForm(forms.Form):
    """To whom."""

    meter = "lead_give"

    owner = PersonChoiceField(label=_("New owner"), queryset=None, required=False, empty_label=_("nobody"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners()  # type: ignore[attr-defined]


class ConsentForm(forms.Form):
    """They agreed to be written to, or took it back."""

    meter = "lead_consent"

    consent = forms.BooleanField(label=_("They agreed to be written to"), required=False)
    consent_source = forms.CharField(
        label=pgettext_lazy("consent", "How did they say so?"),
        max_length=250,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("By word at the fair, by mail…")}),
    )
