"""The lists of accounts and contacts."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from base.listing import Button, Column, Edit, Empty, Kind, Listing
from base.listing.bulk import BulkAction
from base.refusals import NotAllowed
from base.templatetags.ui import status_badge
from crm.access.people import name_of
from crm.accounts import custom_lists as custom_lists  # a worker, too, knows that list by its name
from crm.accounts import pool, services
from crm.accounts.custom_filters import columns_of
from crm.accounts.filters import AccountFilter, ContactFilter
from crm.accounts.forms import GiveBackForm, PersonChoiceField, owners
from crm.accounts.models import READERS, WRITERS_OF_ALL, Account, Contact, Tier
from crm.accounts.pool_lists import POOL
from crm.accounts.tag_lists import COLUMN as TAGS_COLUMN
from crm.accounts.tag_lists import actions as tag_actions
from crm.accounts.tag_lists import coloured
from crm.accounts.tag_words import tagged
from crm.accounts.ways import lent_to

_NAMED = ("owner__username", "owner__first_name", "owner__last_name")  # what `name_of` reads
_TONES = {"open": "good", "tight": "warn", "stopped": "bad"}


def _rows(user: Any) -> QuerySet[Account]:
    visible: QuerySet[Account] = Account.objects.visible_to(user).select_related("owner")
    return visible


def _standing(account: Account) -> str:
    if account.credit_band:
        return account.get_credit_band_display()
    return gettext("customer") if account.registered else gettext("prospect")


def _standing_cell(account: Account) -> str:
    if account.credit_band:
        return status_badge(account.credit_band, _standing(account), _TONES.get(account.credit_band, "info"))
    if account.registered:
        return status_badge("customer", _standing(account), "quiet")
    return format_html('<span class="muted">{}</span>', _standing(account))


def _owner_cell(account: Account) -> str:
    return name_of(account.owner) or format_html('<span class="muted">{}</span>', gettext("nobody"))


def _change(account: Account, user: Any, **changes: Any) -> None:
    """As the account's own page does it: seeing is not changing."""
    if not (account.held_by(user) if "owner" in changes else account.writable_by(user)):
        raise NotAllowed()
    services.update_account(account, **changes)


def _owner_field() -> forms.Field:
    return PersonChoiceField(queryset=owners(), required=False, empty_label=_("nobody"))


class OwnerForm(forms.Form):
    """To whom."""

    owner = PersonChoiceField(label=_("New owner"), queryset=None, required=False, empty_label=_("nobody"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners()  # type: ignore[attr-defined]


class TierForm(forms.Form):
    """How we serve them."""

    tier = forms.ChoiceField(label=_("Service tier"), choices=Tier.choices, required=False)


def _back_to_owner(account: Account, user: Any, before: dict[str, Any]) -> None:
    owner = get_user_model().objects.filter(pk=before["owner"]).first()
    services.update_account(account, owner=owner)


def _writable(account: Account, user: Any) -> bool:
    return account.writable_by(user)


def _held(account: Account, user: Any) -> bool:
    return account.held_by(user)


def _whose(account: Account, user: Any) -> tuple[Any, bool, bool]:
    """Who may change it hangs on this alone: of nobody's accounts those that lie in the pool are claimed first."""
    return account.owner_id, account.pooled_at is None, account.pk in lent_to(user)


ACTIONS = (
    BulkAction(
        name="assign",
        label=_("Give to…"),
        done=_("{row}: another owner"),
        icon="user-share",
        form=lambda _user: OwnerForm,
        run=lambda account, user, told: _change(account, user, owner=told["owner"]),
        snapshot=lambda account: {"owner": account.owner_id},
        undo=_back_to_owner,
    ),
    BulkAction(
        name="tier",
        label=_("Service tier…"),
        icon="star",
        roles=WRITERS_OF_ALL,
        form=lambda _user: TierForm,
        run=lambda account, user, told: _change(account, user, tier=told["tier"]),
        snapshot=lambda account: {"tier": account.tier},
        undo=lambda account, user, before: _change(account, user, **before),
    ),
    BulkAction(
        name="give_back",
        label=_("Back to the pool…"),
        icon="lifebuoy",
        form=lambda _user: GiveBackForm,
        run=lambda account, user, told: pool.give_back(account, told["why"], by=user, note=told["note"]),
        snapshot=lambda account: {"owner": account.owner_id},
        undo=_back_to_owner,
    ),
    *tag_actions(
        lambda account, user, **words: _change(account, user, tags=tagged(account.tags, **words)),
        lambda account, user, before: _change(account, user, tags=before),
    ),
)

ACCOUNTS = Listing(
    name="accounts",
    model=Account,
    title=_("Accounts"),
    url_name="accounts:list",
    rows=_rows,
    filterset=AccountFilter,
    order=("name_key", "id"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s account", "%(count)s accounts", count) % {"count": f"{count:,}"},
    reads=(
        "name",
        "version",
        "registered",
        "credit_band",
        "city",
        "country",
        "owner",
        "pooled_at",
        "tags",
        "custom",
        *_NAMED,
    ),
    decorate=coloured,
    more_columns=lambda: columns_of("account"),
    placeholder=_("Name, town, person, phone…"),
    bar=("owner", "country", "credit_band"),
    buttons=(
        Button(POOL.title, POOL.url_name, icon="lifebuoy", tone=""),
        Button(_("Contacts"), "accounts:all_contacts", icon="address-book", tone=""),
        Button(_("New account"), "accounts:new", sheet=True),
    ),
    actions=ACTIONS,
    version=lambda account: str(account.version),
    columns=(
        Column(name="name", label=_("name"), sort="name_key"),
        Column(
            name="standing",
            label=_("standing"),
            value=_standing,
            cell=_standing_cell,
            same_by=lambda account: (account.credit_band, account.registered),
            sort="credit_band",
            fields=("credit_band",),
        ),
        Column(name="place", label=_("place"), value=lambda account: account.place, sort="city"),
        Column(
            name="owner",
            label=_("owner"),
            source="owner__username",
            value=lambda account: name_of(account.owner),
            cell=_owner_cell,
            same_by=lambda account: account.owner_id,
            group=True,
            edit=Edit(
                field=_owner_field,
                may=_held,
                may_by=_whose,
                initial=lambda account: account.owner_id,
                save=lambda account, owner, user: _change(account, user, owner=owner),
            ),
        ),
        TAGS_COLUMN,
        Column(
            name="phone",
            label=_("phone"),
            shown=False,
            edit=Edit(
                field=lambda: forms.CharField(max_length=250, required=False),
                may=_writable,
                may_by=_whose,
                save=lambda account, phone, user: _change(account, user, phone=phone),
            ),
        ),
        Column(
            name="email",
            label=_("e-mail"),
            shown=False,
            edit=Edit(
                field=lambda: forms.EmailField(max_length=250, required=False),
                may=_writable,
                may_by=_whose,
                save=lambda account, email, user: _change(account, user, email=email),
            ),
        ),
        Column(name="website", label=_("website"), shown=False),
        Column(name="city", label=_("town"), group=True, shown=False),
        Column(name="country", label=_("country"), group=True, shown=False),
        Column(name="industry", label=_("industry"), group=True, shown=False),
        Column(name="kind", label=_("kind"), kind=Kind.CHOICE, group=True, shown=False),
        Column(name="tier", label=_("service tier"), kind=Kind.CHOICE, group=True, shown=False),
        Column(name="party_code", label=_("party code"), shown=False),
        Column(
            name="terms", label=_("payment terms, days"), source="payment_terms_days", kind=Kind.NUMBER, shown=False
        ),
        Column(name="credit_class", label=_("credit class"), group=True, shown=False),
        Column(name="registered_at", label=_("customer since"), kind=Kind.MOMENT, shown=False),
        Column(name="created_at", label=_("created"), kind=Kind.MOMENT, shown=False),
        Column(name="updated_at", label=_("changed"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="building",
        title=_("No accounts yet"),
        text=_(
            "An account is a company or person you sell to. A name is enough to begin: Alfreds Futterkiste, Berlin."
        ),
        none_title=_("No account fits"),
        none_text=_("Try fewer letters or another filter. Names, towns, people, phone numbers and codes are searched."),
        button=Button(_("New account"), "accounts:new"),
    ),
)


def _contacts(user: Any) -> QuerySet[Contact]:
    return Contact.objects.visible_to(user).select_related("account", "account__owner")


def _change_contact(contact: Contact, user: Any, **changes: Any) -> None:
    if not contact.account.writable_by(user):
        raise NotAllowed()
    services.update_contact(contact, **changes)


def _contact_cell(name: str, **options: Any) -> Edit:
    """A field of a contact, changed by whoever may change the account."""
    kind: Any = forms.EmailField if name == "email" else forms.CharField
    return Edit(
        field=lambda: kind(max_length=250, required=False),
        may=lambda contact, user: contact.account.writable_by(user),
        may_by=lambda contact, user: _whose(contact.account, user),
        save=lambda contact, value, user: _change_contact(contact, user, **{name: value}),
        **options,
    )


CONTACTS = Listing(
    name="contacts",
    model=Contact,
    title=_("Contacts"),
    url_name="accounts:all_contacts",
    rows=_contacts,
    filterset=ContactFilter,
    order=("name", "id"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s contact", "%(count)s contacts", count) % {"count": f"{count:,}"},
    more_columns=lambda: columns_of("contact"),
    placeholder=_("Name, company, phone, mail…"),
    bar=("owner", "country"),
    version=lambda contact: contact.updated_at.isoformat(),
    row_url=lambda contact: contact.account.get_absolute_url(),
    columns=(
        Column(name="name", label=_("name")),
        Column(name="account", label=_("account"), source="account__name", sort="account__name_key", group=True),
        Column(name="title", label=_("position"), group=True, edit=_contact_cell("title")),
        Column(name="phone", label=_("phone"), edit=_contact_cell("phone")),
        Column(name="email", label=_("e-mail"), edit=_contact_cell("email"), shown=False),
        Column(name="city", label=_("town"), source="account__city", group=True, shown=False),
        Column(name="country", label=_("country"), source="account__country", group=True, shown=False),
        Column(name="updated_at", label=_("changed"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="address-book",
        title=_("No contacts yet"),
        text=_("A contact is somebody you talk with at an account; add them on the account's page."),
        none_title=_("No contact fits"),
        none_text=_("Try fewer letters or another filter."),
        button=Button(_("Accounts"), "accounts:list"),
    ),
)
