"""The verbs of parties; the only writers of their table."""

from datetime import date as Day
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from base import context
from base.ids import uuid7
from base.recording import keep_made
from base.refusals import BadInput, ChangedMeanwhile, Refused
from erp.ledger.services import base_currency, company
from erp.parties.following import classed
from erp.parties.models import Party, PartyKind
from erp.terms.models import PaymentTerms
from erp.terms.schedule import Part
from erp.terms.services import plan_of
from integration.contracts.credit import CreditLimited
from integration.contracts.customers import CustomerSnapshot
from integration.contracts.parties import PartyClassed, PartyOpened
from integration.outbox.emitting import emit

# What the CRM says of a customer; terms, limit, hold and class are ours and never among them.
MASTER_FIELDS = (
    "name", "email", "phone", "tax_id", "street", "postal_code", "city", "region", "country", "people",
    "service_tier", "external_ref",
)  # fmt: skip
TERM_FIELDS = (
    "payment_terms", "payment_terms_days", "commercial_tier", "credit_class", "credit_limit", "on_hold", "hold_reason",
    "einvoice", "buyer_reference", "endpoint", "endpoint_scheme",
)  # fmt: skip
_TOLD_TERMS = ("payment_terms_days", "commercial_tier", "credit_class")


class SecondPersonReleases(Refused):
    """Two people: one puts on hold, another releases."""

    message = _("{by} put them on hold: somebody else releases them.")
    field = "on_hold"


class LimitTakesTwo(Refused):
    """One asks for a larger limit, another approves it (`limits.ask`)."""

    message = _("From {limit} on a larger credit limit takes two people: ask for it on the page of {party}.")
    field = "credit_limit"


class CustomersBelongToTheCrm(Refused):
    """Who a customer is, is said in the CRM."""

    message = _("{party} comes from the CRM: change name, address and people there. Terms are changed here.")


@transaction.atomic
def open_party(snapshot: CustomerSnapshot) -> Party:
    """The customer's party; opened, and the CRM told its code, when this is the first we hear of them."""
    party, opened = find_or_open(snapshot)
    if opened:
        tell_opened(party)
    return party


def find_or_open(snapshot: CustomerSnapshot) -> tuple[Party, bool]:
    """The customer's party, and whether it was opened just now: then the caller must `tell_opened`, last of all locks.

    Its row stays held, so that two orders at once cannot both pass the credit limit. Rivals meet at the unique
    customer uuid: the second finds the first one's party.
    """
    held = Party.objects.select_for_update(no_key=True)
    known = held.filter(customer=snapshot.customer).first()
    if known is not None:
        return known, False
    party = Party(
        company=company(),
        code=_next_code(PartyKind.CUSTOMER),
        kind=PartyKind.CUSTOMER,
        customer=snapshot.customer,
        **_master_of(snapshot),
    )
    Party.objects.bulk_create([party], ignore_conflicts=True)
    found = held.get(customer=snapshot.customer)
    if found.pk != party.pk:
        return found, False
    keep_made([found])
    return found, True


def tell_opened(party: Party) -> None:
    """Tell the CRM the code of its customer."""
    assert party.customer is not None
    emit(PartyOpened(customer=party.customer, **_terms_told(party)))


def tell_classed(party: Party) -> None:
    """Tell the CRM the terms of its customer."""
    assert party.customer is not None
    emit(PartyClassed(customer=party.customer, **_terms_told(party)))


@transaction.atomic
def update_from_crm(customer: UUID, snapshot: CustomerSnapshot) -> Party:
    """Take over who they are now; on which terms they buy stays as we set it."""
    party = Party.objects.select_for_update(no_key=True).filter(customer=customer).first()
    if party is None:
        return open_party(snapshot)
    told = _master_of(snapshot)
    changed = [name for name, value in told.items() if getattr(party, name) != value]
    if changed:
        for name in changed:
            setattr(party, name, told[name])
        party.save(update_fields=[*changed, "updated_at"])
    return party


@transaction.atomic
def class_party(party: Party, *, version: str = "", limit_approved_by: str = "", **terms: Any) -> Party:
    """Set terms, tier, class, credit limit or hold; the CRM hears of the first three; of the limit
    only the band, and the limit itself only where it was granted.

    `version` is the `updated_at` the person saw; a change since then is refused. A larger limit takes a second person,
    who is named by `limit_approved_by`; the machine, in whose name nobody acts, is not asked.

    Named terms bring their days along; other days by themselves take named terms away.
    """
    unknown = set(terms) - set(TERM_FIELDS)
    assert not unknown, f"no terms: {unknown}"
    party = Party.objects.select_for_update(no_key=True).get(pk=party.pk)
    if version and version != party.version:
        raise ChangedMeanwhile()
    _check_terms(terms)
    _one_of_both(party, terms)
    if terms.get("on_hold") is False:
        terms["hold_reason"] = ""
    changed = [name for name, value in terms.items() if getattr(party, name) != value]
    if not changed:
        return party
    if "credit_limit" in changed:
        changed += _limit_set(party, terms, limit_approved_by)
    if "on_hold" in changed:
        changed += _hold_or_release(party, terms)
    for name in changed:
        setattr(party, name, terms[name])
    if bool(party.endpoint) != bool(party.endpoint_scheme):
        raise BadInput(why=_("An electronic address needs its kind, and a kind its address."), field="endpoint")
    party.save(update_fields=[*changed, "updated_at"])
    classed(party)
    if party.customer and set(changed).intersection(_TOLD_TERMS):
        tell_classed(party)
    if party.customer and "credit_limit" in changed:
        currency = base_currency()
        emit(CreditLimited(customer=party.customer, party=party.code, limit=party.credit_limit, currency=currency))
    return party


def follow_terms(terms: PaymentTerms) -> None:
    """Terms were changed: the days of those who have them follow, and the CRM hears of it."""
    for party in Party.objects.filter(payment_terms=terms).order_by("pk"):
        class_party(party, payment_terms=terms)


def due_plan(party: Party, dated: Day, amount: Decimal, currency: str) -> list[Part]:
    """When the party pays, or is paid, which part of an amount."""
    return plan_of(party.payment_terms, party.payment_terms_days, dated, amount, currency)


def takes_two(party: Party, limit: Decimal | None) -> bool:
    """Is this so much more than the customer has that a second person must approve it?"""
    if party.credit_limit is None:
        return False
    return limit is None or (limit > party.credit_limit and limit >= company().approval_from)


def _one_of_both(party: Party, terms: dict[str, Any]) -> None:
    """Terms and days say the same, whichever of them was told."""
    if terms.get("payment_terms") is not None:
        terms["payment_terms_days"] = terms["payment_terms"].days_at_most
    elif terms.get("payment_terms_days", party.payment_terms_days) != party.payment_terms_days:
        terms["payment_terms"] = None


def _limit_set(party: Party, terms: dict[str, Any], approved_by: str) -> list[str]:
    """Nobody gives a larger limit alone; which columns say who asked and who approved."""
    if not approved_by and context.actor.get() and takes_two(party, terms["credit_limit"]):
        ours = company()
        raise LimitTakesTwo(limit=f"{ours.approval_from} {ours.base_currency}", party=party.code)
    terms.update(limit_waits=False, limit_asked=None, limit_approved_by=approved_by)
    if not approved_by:
        terms["limit_asked_by"] = ""
    return [name for name in terms if name.startswith("limit_")]


def _hold_or_release(party: Party, terms: dict[str, Any]) -> list[str]:
    """Who put a customer on hold does not release them; which columns say so."""
    who = context.actor.get()[:150]
    if terms["on_hold"]:
        terms.update(held_by=who, released_by="")
    elif who and who == party.held_by:
        raise SecondPersonReleases(by=who)
    else:
        terms["released_by"] = who or "system"
    return [name for name in ("held_by", "released_by") if name in terms]


@transaction.atomic
def open_supplier(name: str, *, id: UUID | None = None, **master: Any) -> Party:
    """A supplier, opened here; the same `id` again is the same supplier."""
    return _open(PartyKind.SUPPLIER, name, id, master)


@transaction.atomic
def open_customer(name: str, *, id: UUID | None = None, **master: Any) -> Party:
    """A customer that the CRM does not know, opened here; the same `id` again is the same customer."""
    return _open(PartyKind.CUSTOMER, name, id, master)


@transaction.atomic
def remove_party(party: Party) -> None:
    """Take back a party opened by mistake and used nowhere; the history keeps it, its code is not given again."""
    party = Party.objects.select_for_update().get(pk=party.pk)
    if party.customer is not None:
        raise CustomersBelongToTheCrm(party=party.code)
    party.delete()


@transaction.atomic
def update_own(party: Party, **master: Any) -> Party:
    """Change who a party is that was opened here; of a customer from the CRM the CRM says so."""
    party = Party.objects.select_for_update(no_key=True).get(pk=party.pk)
    changed = [name for name, value in master.items() if getattr(party, name) != value]
    if party.customer is not None and changed:
        raise CustomersBelongToTheCrm(party=party.code)
    if changed:
        _check_master(master)
        for name in changed:
            setattr(party, name, master[name])
        party.save(update_fields=[*changed, "updated_at"])
    return party


def set_band(party: Party, band: str) -> bool:
    """Remember the credit band; True when it is another one than before (rivals: exactly one gets True)."""
    moved = Party.objects.filter(pk=party.pk).exclude(credit_band=band).update(credit_band=band)
    party.credit_band = band
    return bool(moved)


def _open(kind: PartyKind, name: str, id: UUID | None, master: dict[str, Any]) -> Party:
    if id is not None and (known := Party.objects.filter(pk=id).first()):
        return known
    _check_master({"name": name, **master})
    party = Party(id=id or uuid7(), company=company(), code=_next_code(kind), kind=kind, name=name.strip(), **master)
    party.save(force_insert=True)
    return party


def _master_of(snapshot: CustomerSnapshot) -> dict[str, Any]:
    address = snapshot.address
    return {
        "name": snapshot.name,
        "email": snapshot.email,
        "phone": snapshot.phone,
        "tax_id": snapshot.tax_id,
        "street": address.street,
        "postal_code": address.postal_code,
        "city": address.city,
        "region": address.region,
        "country": address.country,
        "people": [person.model_dump() for person in snapshot.people],
        "service_tier": snapshot.tier,
        "external_ref": snapshot.external_ref,
    }


def _terms_told(party: Party) -> dict[str, Any]:
    return {"party": party.code, **{name: getattr(party, name) for name in _TOLD_TERMS}}


def _check_terms(terms: dict[str, Any]) -> None:
    days = terms.get("payment_terms_days")
    if "payment_terms_days" in terms and (days is None or not 0 <= days <= 365):
        raise BadInput(why=_("Payment terms are 0 to 365 days."), field="payment_terms_days")
    check_limit(terms.get("credit_limit"))
    if terms.get("on_hold") and "hold_reason" in terms and not terms["hold_reason"].strip():
        raise BadInput(why=_("Say why they are on hold."), field="hold_reason")


def check_limit(limit: Decimal | None) -> None:
    """A limit is an amount, or none."""
    if limit is not None and limit < Decimal(0):
        raise BadInput(why=_("A credit limit cannot be negative; leave it empty for none."), field="credit_limit")


def _check_master(master: dict[str, Any]) -> None:
    if "name" in master and not master["name"].strip():
        raise BadInput(why=_("A name is needed."), field="name")


def _next_code(kind: str) -> str:
    """C00001 for customers, S00001 for suppliers; a gap does no harm."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass)", [f"public.party_{kind}_code"])
        (value,) = cursor.fetchone()
    return f"{'C' if kind == PartyKind.CUSTOMER else 'S'}{value:05d}"
