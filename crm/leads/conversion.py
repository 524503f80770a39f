"""A lead becomes an account with a contact and a deal: made or linked, in one transaction, exactly once."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django_fsm import TransitionNotAllowed

from base.refusals import BadInput, MoveRefused, NotAllowed, Refused
from base.roles import require
from crm.accounts import services as accounts
from crm.accounts.custom_values import along
from crm.accounts.models import Account, AccountKind, Contact
from crm.activities import services as activities
from crm.leads import matching
from crm.leads.models import CONVERTERS, Conversion, Lead
from crm.leads.services import locked, refuse_unwritable, tell
from crm.pipeline import services as pipeline
from crm.pipeline.models import Deal, Stage

ADDRESS = ("website", "street", "postal_code", "city", "region", "country", "industry")


class ConvertedAlready(Refused):
    """Somebody else was quicker."""

    message = _("{lead} became {account} already.")


class ContactOfAnother(Refused):
    """The person works for somebody else."""

    message = _("{contact} does not belong to {account}.")
    status = 422
    field = "contact"


@dataclass(frozen=True)
class DealWanted:
    """The deal to be made with it; its title, and the step agreed."""

    title: str = ""
    stage: Stage | None = None
    next_step: str = ""
    next_step_on: date | None = None


@transaction.atomic
def convert(
    lead: Lead,
    *,
    by: Any,
    account: Account | None = None,
    contact: Contact | None = None,
    deal: Deal | DealWanted | None = None,
) -> Conversion:
    """Make what is not given, link what is, and keep all that was said and the words it bore.

    What is made says in custom fields of the same key what the lead says.

    A second time tells what became of it.
    """
    require(by, *CONVERTERS)
    lead = locked(lead)
    if known := Conversion.objects.filter(lead=lead).select_related("account").first():
        raise ConvertedAlready(lead=lead.name, account=known.account.name)
    refuse_unwritable(lead, by)
    account = _account(lead, account, by)
    contact = _contact(lead, account, contact)
    made = _deal(lead, account, deal, by)
    try:
        lead.convert()
    except TransitionNotAllowed:
        raise MoveRefused(what=lead.name, state=lead.get_state_display(), verb=_("converted")) from None
    lead.version += 1
    lead.save()
    conversion = Conversion(lead=lead, account=account, contact=contact, deal=made, by=by)
    try:
        with transaction.atomic():
            conversion.save(force_insert=True)
    except IntegrityError:
        raise BadInput(why=_("This deal came of another lead already."), field="deal") from None
    activities.hand_over(lead.pk, account, contact, made.pk if made else None)
    lead.conversion = conversion
    tell(lead, "lead_converted", account=account.name)
    return conversion


def alike(lead: Lead, by: Any) -> list[matching.Match]:
    """Accounts, contacts and other leads that look like it: shown before it is converted."""
    known = matching.Known.of(**{name: getattr(lead, name) for name in matching.TOLD})
    return matching.find(by, known, but=lead.pk)


def _account(lead: Lead, account: Account | None, by: Any) -> Account:
    if account is not None:
        if not Account.objects.visible_to(by).filter(pk=account.pk).exists():
            raise NotAllowed()
        return accounts.join_tags(account, lead.tags)
    return accounts.create_account(
        name=lead.company or lead.name,
        kind=AccountKind.COMPANY if lead.company else AccountKind.PERSON,
        phone=lead.phone,
        email=lead.email,
        owner=lead.owner or by,
        tags=lead.tags,
        custom=along("lead", lead.custom, "account"),
        **{name: getattr(lead, name) for name in ADDRESS},
    )


def _contact(lead: Lead, account: Account, contact: Contact | None) -> Contact | None:
    """The person; an account that is a person itself needs none."""
    if contact is not None:
        if contact.account_id != account.pk:
            raise ContactOfAnother(contact=contact.name, account=account.name)
        return contact
    if not lead.person or (account.kind == AccountKind.PERSON and account.name == lead.person):
        return None
    if known := account.contacts.filter(name__iexact=lead.person).first():
        return known
    custom = along("lead", lead.custom, "contact")
    told: dict[str, Any] = {"name": lead.person, "title": lead.title, "email": lead.email, "phone": lead.phone}
    return accounts.add_contact(account, custom=custom, **told)


def _deal(lead: Lead, account: Account, deal: Deal | DealWanted | None, by: Any) -> Deal | None:
    if isinstance(deal, Deal):
        if deal.account_id != account.pk:
            raise BadInput(why=_("The deal is of another account."), field="deal")
        return pipeline.join_tags(deal, lead.tags)
    if deal is None:
        return None
    return pipeline.create_deal(
        account,
        by=by,
        owner=lead.owner or by,
        title=deal.title or lead.interest,
        stage=deal.stage,
        next_step=deal.next_step,
        next_step_on=deal.next_step_on,
        tags=lead.tags,
        custom=along("lead", lead.custom, "deal"),
    )
