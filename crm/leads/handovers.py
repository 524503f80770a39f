"""Asking a colleague for what one has found and they own; the answer is theirs, or their lead's."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from base.listing.bulk import Outcome, remembering
from base.notices import Tone, notify
from base.refusals import NotAllowed, NotFound, Refused
from base.roles import require
from crm.access.people import name_of
from crm.accounts import services as accounts
from crm.accounts.lists import ACCOUNTS
from crm.accounts.masks import masked
from crm.accounts.models import READERS, Account
from crm.leads import services
from crm.leads.lists import LEADS
from crm.leads.models import Handover, HandoverState, Lead


class NothingToAsk(Refused):
    """Nobody owns it: it can simply be taken."""

    message = _("Nobody owns this; you can take it.")


class AnsweredAlready(Refused):
    """Somebody else has answered."""

    message = _("This was answered already.")


@transaction.atomic
def ask(kind: str, pk: UUID, *, by: Any, why: str = "") -> Handover:
    """Ask the owner of a lead or account; asking twice is asking once."""
    require(by, *READERS)
    thing: Lead | Account | None = _MODELS[kind].objects.select_related("owner").filter(pk=pk).first()
    if thing is None:
        raise NotFound(what=_("What you ask for"))
    if thing.owner is None or thing.owner == by:
        raise NothingToAsk()
    about = {kind: thing}
    if known := Handover.objects.open().filter(**about, asked_by=by).first():
        return known
    asked = Handover(**about, asked_by=by, why=" ".join(why.split())[:250])
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError:
        return Handover.objects.open().get(**about, asked_by=by)
    text = format_lazy(_("{person} asks to take over {thing}."), person=name_of(by), thing=thing.name)
    notify([thing.owner], text, url=thing.get_absolute_url(), tone=Tone.WARN)
    return asked


@transaction.atomic
def answer(asked: Handover, yes: bool, *, by: Any) -> Handover:
    """Give it, or keep it; whoever asked is told."""
    asked = (
        Handover.objects.select_for_update(of=("self",)).select_related("lead", "account", "asked_by").get(pk=asked.pk)
    )
    thing: Any = asked.lead or asked.account
    if not (thing.writable_by(by) if asked.lead else thing.held_by(by)):
        raise NotAllowed()
    if asked.state != HandoverState.ASKED:
        raise AnsweredAlready()
    asked.state = HandoverState.GRANTED if yes else HandoverState.DECLINED
    asked.answered_by = by
    asked.save()
    if yes and asked.lead:
        services.assign(asked.lead, asked.asked_by, by=asked.asked_by)
    elif yes:
        accounts.update_account(thing, owner=asked.asked_by)
    text = _("{thing} is yours now.") if yes else _("{person} keeps {thing}.")
    told = format_lazy(text, thing=thing.name if yes else masked(thing.name), person=name_of(by))
    notify([asked.asked_by], told, url=thing.get_absolute_url() if yes else "", tone=Tone.GOOD if yes else Tone.INFO)
    return asked


def answer_remembered(asked: Handover, yes: bool, *, by: Any) -> tuple[Handover, Outcome]:
    """The same, and what is given can be taken back for thirty days by who gave it."""
    if not yes:
        return answer(asked, yes, by=by), Outcome("")
    listing, thing = (LEADS, asked.lead) if asked.lead else (ACCOUNTS, asked.account)
    with remembering(listing, by, "assign", thing) as outcome:
        answered = answer(asked, yes, by=by)
    return answered, outcome


def settle(winner: UUID, loser: UUID) -> None:
    """Two accounts become one: whoever asked for both has asked once."""
    twice = Handover.objects.open().filter(account=winner).values("asked_by")
    for asked in Handover.objects.open().filter(account=loser, asked_by__in=twice):
        asked.state = HandoverState.DECLINED
        asked.save()


_MODELS: dict[str, Any] = {"lead": Lead, "account": Account}
