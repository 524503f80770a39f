"""What people type about tickets and returns."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from crm.accounts.forms import PersonChoiceField
from crm.accounts.models import Account, Contact
from crm.pipeline.models import Deal
from crm.tickets.models import ROLES, Priority
from crm.tickets.reports import Returnable


class NewTicketForm(forms.Form):
    """A customer asks something: a subject is enough."""

    meter = "ticket"

    subject = forms.CharField(label=_("What is it about?"), max_length=250)
    text = forms.CharField(label=_("What do they say?"), required=False, max_length=20_000, widget=forms.Textarea)
    contact = forms.ModelChoiceField(label=_("Who asks?"), queryset=Contact.objects.none(), required=False)
    deal = forms.ModelChoiceField(label=_("About which deal?"), queryset=Deal.objects.none(), required=False)
    priority = forms.ChoiceField(
        label=_("How much does it press?"), choices=Priority.choices, initial=Priority.NORMAL, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, Any] = {
            "contact": account.contacts.all(),
            "deal": Deal.objects.filter(account=account).order_by("-id")[:50],
        }
        for name, rows in choices.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
            self.fields[name].empty_label = "–"  # type: ignore[attr-defined]


class ReplyForm(forms.Form):
    """A word in the conversation, and whose it is."""

    meter = "ticket_reply"

    SPEAKERS = [("answer", _("Answer")), ("internal", _("Internal note")), ("customer", _("Customer said"))]

    body = forms.CharField(label=_("Message"), max_length=20_000, widget=forms.Textarea)
    speaker = forms.ChoiceField(label=_("As"), choices=SPEAKERS, initial="answer", widget=forms.RadioSelect)
    wait = forms.BooleanField(label=_("Then wait for the customer"), required=False)

    def told(self) -> dict[str, Any]:
        """In the words of `services.reply`."""
        typed, speaker = self.cleaned_data, self.cleaned_data["speaker"]
        return {
            "visibility": "internal" if speaker == "internal" else "public",
            "from_customer": speaker == "customer",
            "wait": typed["wait"] and speaker == "answer",
        }


class AssignForm(forms.Form):
    """Who answers it, and how much it presses."""

    meter = "ticket_assign"

    assignee = PersonChoiceField(
        label=_("Who answers?"), queryset=get_user_model().objects.none(), required=False, empty_label=_("nobody yet")
    )
    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = get_user_model().objects.filter(is_active=True, groups__name__in=ROLES).distinct().order_by("username")
        self.fields["assignee"].queryset = people  # type: ignore[attr-defined]


class ReturnForm(forms.Form):
    """One quantity for each product of the deal that may still come back, and why."""

    meter = "return"

    reason = forms.CharField(label=_("Why?"), max_length=2_000, widget=forms.Textarea)

    def __init__(self, *args: Any, goods: list[Returnable], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goods = [one for one in goods if one.left > 0]
        for index, one in enumerate(self.goods):
            self.fields[f"line_{index}"] = forms.DecimalField(
                label=f"{one.sku} {one.description}".strip(),
                help_text=_("at most {left} of {shipped} shipped").format(
                    left=f"{one.left.normalize():f}", shipped=f"{one.shipped.normalize():f}"
                ),
                required=False,
                min_value=Decimal(0),
                max_value=Decimal(f"{one.left.normalize():f}"),
                decimal_places=4,
            )
        self.order_fields([*(f"line_{index}" for index in range(len(self.goods))), "reason"])

    def lines(self) -> list[tuple[str, Decimal]]:
        """(SKU, quantity) of what was filled in."""
        typed = [(one.sku, self.cleaned_data.get(f"line_{index}")) for index, one in enumerate(self.goods)]
        return [(sku, quantity) for sku, quantity in typed if quantity]
