"""The verbs of accounts and contacts: the only writers of their tables."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.bulk import insert_many
from base.recording import keep_made
from base.refusals import BadInput, ChangedMeanwhile, NotAllowed, Refused
from crm.accounts import custom_values, keeping, tag_words
from crm.accounts.likeness import name_match, phone_match
from crm.accounts.models import Account, Contact
from crm.accounts.places import Place
from integration.contracts.customers import Address, CustomerRegistered, CustomerSnapshot, CustomerUpdated, Person
from integration.outbox.emitting import emit

# What of an account belongs to the customer master that the ERP is told of.
MASTER_FIELDS = (
    "name",
    "email",
    "phone",
    "tax_id",
    "street",
    "postal_code",
    "city",
    "region",
    "country",
    "tier",
    "external_ref",
)
OWN_FIELDS = ("kind", "website", "industry", "owner", "tags", "custom")
CONTACT_FIELDS = ("name", "title", "email", "phone")
OF_CONTACTS = (*CONTACT_FIELDS, "custom")
PEOPLE_TOLD_MAX = 50


class ReferenceTaken(Refused):
    """Another account has this reference already: the same company would stand here twice."""

    message = _("The reference “{reference}” belongs to another account already.")
    field = "external_ref"


class AccountInUse(Refused):
    """What the ERP knows is not taken back here."""

    message = _("{account} is a customer in the ERP; it stays.")


class AccountOfAnother(NotAllowed):
    """Reps change their own accounts and those that nobody owns."""

    message = _("{account} belongs to somebody else.")
    field = "account"


class ContactStays(Refused):
    """A contact that changed jobs is a new contact there."""

    message = _("A contact stays with its account.")
    status = 422
    field = "account"


class OwnedAlready(Refused):
    """Somebody else was there first."""

    message = _("{account} belongs to {owner}.")


@transaction.atomic
def create_account(
    *, name: str, contacts: list[dict[str, Any]] | None = None, id: UUID | None = None, **fields: Any
) -> Account:
    """A new account, with its first contacts if we know them; only the name is required.

    `id` is chosen by the caller's form or device: the same id again is the same account, not a second one.
    """
    if id is not None and (known := Account.objects.filter(pk=id).first()):
        return known
    account = Account(name=name, **({"id": id} if id else {}), **_known_fields(fields))
    keeping.made(account)
    tidy(account)
    refuse_taken(account)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        if id is not None and (known := Account.objects.filter(pk=id).first()):
            return known
        refuse_taken(account)
        raise
    for contact in contacts or []:
        _new_contact(account, **contact)
    return account


@transaction.atomic
def create_accounts(rows: Sequence[dict[str, Any]]) -> list[Account]:
    """Many new accounts in a few statements, with the same rules and the same history as one; all of them or none."""
    accounts = [Account(**_known_fields(row)) for row in rows]
    keeping.made_many(accounts)
    for account in accounts:
        tidy(account)
    references = [account.external_ref for account in accounts if account.external_ref]
    taken = Account.objects.filter(external_ref__in=references).first()
    if taken is not None:
        raise ReferenceTaken(reference=taken.external_ref)
    insert_many(accounts)
    keep_made(accounts)
    return accounts


@transaction.atomic
def remove_account(account: Account) -> None:
    """Take back an account made by mistake, before anything happened with it; the history keeps it."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    if account.registered or account.party_code:
        raise AccountInUse(account=account.name)
    account.delete()


@transaction.atomic
def update_account(account: Account, *, version: int | None = None, **changes: Any) -> Account:
    """Change what is given; the ERP is told if it knows the customer and the change is of the customer master.

    `version` is the one the caller looked at: when somebody else changed the account since, nothing is overwritten.
    """
    account = Account.objects.select_for_update().get(pk=account.pk)
    if version is not None and version != account.version:
        raise ChangedMeanwhile()
    before = {name: getattr(account, name) for name in (*MASTER_FIELDS, *OWN_FIELDS)}
    for name, value in _known_fields(changes).items():
        setattr(account, name, keeping.changed(account, name, value))
    tidy(account)
    changed = [name for name in before if getattr(account, name) != before[name]]
    if not changed:
        return account
    if "external_ref" in changed:
        refuse_taken(account)
    account.version += 1
    account.save()
    if "owner" in changed:
        account.refresh_from_db(fields=["pooled_at"])  # the database's word
    tell(account, [name for name in changed if name in MASTER_FIELDS])
    return account


@transaction.atomic
def join_tags(account: Account, words: Sequence[str]) -> Account:
    """It bears these words from now on beside its own: nothing is lost when something else becomes a part of it."""
    if not words:
        return account
    account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if (both := tag_words.joined(account.tags, words)) != account.tags:
        account.tags, account.version = both, account.version + 1
        account.save()
    return account


@transaction.atomic
def register(account: Account) -> Account:
    """The account becomes a customer: the ERP hears of it, once, however often this is called."""
    if account.registered:
        return account
    account = Account.objects.select_for_update().get(pk=account.pk)
    if account.registered:
        return account
    account.registered, account.registered_at = True, timezone.now()
    account.save(update_fields=["registered", "registered_at", "updated_at"])
    emit(CustomerRegistered(customer=account.pk, snapshot=snapshot(account)))
    return account


def snapshot(account: Account) -> CustomerSnapshot:
    """The customer as we know it now: what travels with every promise."""
    people = account.contacts.all()[:PEOPLE_TOLD_MAX]
    return CustomerSnapshot(
        customer=account.pk,
        name=account.name,
        email=account.email,
        phone=account.phone,
        tax_id=account.tax_id,
        address=Address(
            street=account.street,
            postal_code=account.postal_code,
            city=account.city,
            region=account.region,
            country=account.country,
        ),
        people=tuple(Person(name=one.name, title=one.title, email=one.email, phone=one.phone) for one in people),
        tier=account.tier,
        external_ref=account.external_ref or "",
        version=account.version,
    )


@transaction.atomic
def add_contact(account: Account, *, id: UUID | None = None, **fields: Any) -> Contact:
    """Somebody who works there; `id` as in `create_account`."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    if id is not None and (known := Contact.objects.filter(pk=id, account=account).first()):
        return known
    contact = _new_contact(account, id=id, **fields)
    tell(account, ["people"])
    return contact


@transaction.atomic
def add_contacts(rows: Sequence[dict[str, Any]]) -> list[Contact]:
    """Many people at once, each row with its `account`; the ERP hears of each account it knows once."""
    accounts = {
        one.pk: one
        for one in Account.objects.select_for_update().filter(pk__in={row["account"].pk for row in rows}).order_by("pk")
    }
    contacts = [Contact(**{**row, "account": accounts[row["account"].pk]}) for row in rows]
    custom_values.kept_of_many("contact", contacts)
    for contact in contacts:
        tidy_contact(contact)
    insert_many(contacts)
    keep_made(contacts)
    for account in accounts.values():
        tell(account, ["people"])
    return contacts


@transaction.atomic
def update_contact(contact: Contact, **changes: Any) -> Contact:
    """Change what is given of a contact."""
    account = Account.objects.select_for_update().get(pk=contact.account_id)
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    before = {name: getattr(contact, name) for name in OF_CONTACTS}
    for name, value in changes.items():
        setattr(contact, name, keeping.changed(contact, name, value))
    tidy_contact(contact)
    changed = [name for name in before if getattr(contact, name) != before[name]]
    if not changed:
        return contact
    contact.save()
    tell(account, ["people"] if set(changed) - {"custom"} else [])
    return contact


@transaction.atomic
def remove_contact(contact: Contact) -> None:
    """They work there no more; the history keeps them."""
    account = Account.objects.select_for_update().get(pk=contact.account_id)
    contact.delete()
    tell(account, ["people"])


@transaction.atomic
def hear_party(
    customer: UUID, *, party: str, payment_terms_days: int, commercial_tier: str, credit_class: str, as_of: datetime
) -> Account | None:
    """The ERP says who the customer is in its books; None when we do not know the customer or know better already."""
    account = Account.objects.select_for_update().filter(pk=customer).first()
    if account is None or (account.party_as_of and account.party_as_of >= as_of):
        return None
    account.party_code, account.payment_terms_days = party, payment_terms_days
    account.commercial_tier, account.credit_class, account.party_as_of = commercial_tier, credit_class, as_of
    account.save()
    return account


@transaction.atomic
def hear_credit(customer: UUID, *, band: str, as_of: datetime) -> Account | None:
    """The ERP says how much trust it has; None when we do not know the customer or know better already."""
    account = Account.objects.select_for_update().filter(pk=customer).first()
    if account is None or (account.credit_as_of and account.credit_as_of >= as_of):
        return None
    account.credit_band, account.credit_as_of = band, as_of
    account.save(update_fields=["credit_band", "credit_as_of", "updated_at"])
    return account


def place_of(account: Account) -> Place:
    """Who and where, for finding the same again."""
    return Place.of(account.name, account.street, account.city, account.postal_code)


def refuse_unwritable(account: Account, user: Any) -> None:
    """Seeing is not changing."""
    if not account.writable_by(user):
        raise AccountOfAnother(account=account.name)


def refuse_unheld(account: Account, user: Any) -> None:
    """Who may change it because it is shared with them does not decide whose it is."""
    if not account.held_by(user):
        raise AccountOfAnother(account=account.name)


def tell(account: Account, changed: list[str]) -> None:
    if account.registered and changed:
        emit(CustomerUpdated(customer=account.pk, snapshot=snapshot(account), changed=tuple(changed)))


def _known_fields(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - {*MASTER_FIELDS, *OWN_FIELDS}
    assert not unknown, f"not a field one may set: {unknown}"
    return fields


def tidy(account: Account) -> None:
    """Blanks off the ends, a name and a plausible mail address there."""
    for name in (*MASTER_FIELDS, "website", "industry"):
        setattr(account, name, " ".join((getattr(account, name) or "").split()))
    account.external_ref = account.external_ref or None
    account.pooled_at = None if account.owner_id else account.pooled_at
    account.name_match, account.phone_match = name_match(account.name), phone_match(account.phone)
    account.like_keys = place_of(account).keys
    if not account.name:
        raise BadInput(why=_("An account needs a name."), field="name")
    _check_mail(account.email)


def refuse_taken(account: Account) -> None:
    if account.external_ref is None:
        return
    other = Account.objects.filter(external_ref=account.external_ref).exclude(pk=account.pk).first()
    if other is not None:
        raise ReferenceTaken(reference=account.external_ref)


def _new_contact(account: Account, *, id: UUID | None = None, **fields: Any) -> Contact:
    contact = Contact(account=account, **({"id": id} if id else {}), **fields)
    contact.custom = custom_values.kept("contact", {}, contact.custom)
    tidy_contact(contact)
    contact.save(force_insert=True)
    return contact


def tidy_contact(contact: Contact) -> None:
    for name in CONTACT_FIELDS:
        setattr(contact, name, " ".join((getattr(contact, name) or "").split()))
    contact.name_match, contact.phone_match = name_match(contact.name), phone_match(contact.phone)
    if not contact.name:
        raise BadInput(why=_("A contact needs a name."), field="name")
    _check_mail(contact.email)


def _check_mail(address: str) -> None:
    if not address:
        return
    try:
        validate_email(address)
    except ValidationError:
        raise BadInput(why=_("“{text}” is not an e-mail address.").format(text=address), field="email") from None
