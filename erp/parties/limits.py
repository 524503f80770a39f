"""A larger credit limit takes two people: one asks, another approves.

As with vouchers, it is the company's limit of approval that says from which amount on. To lower a limit, or to set the
first one where there was none, one person is enough: it takes no risk.
"""

from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from base import context
from base.notices import notify
from base.refusals import BadInput, NotAllowed, Refused
from erp.parties import services
from erp.parties.models import Party


class NothingAsked(Refused):
    """Somebody decided it meanwhile, or it was never asked."""

    message = _("No other limit is asked for {party}.")
    field = "credit_limit"


class AnotherApproves(NotAllowed):
    """Two people: one asks for a limit, another approves it."""

    message = _("You asked for this limit; somebody else approves it.")


@transaction.atomic
def ask(party: Party, limit: Decimal | None) -> Party:
    """Somebody wants the customer to have this limit (None: no limit); it waits for a second person.

    What was asked before gives way. What one person may set is set at once.
    """
    party = _held(party)
    services.check_limit(limit)
    if not services.takes_two(party, limit):
        return services.class_party(party, credit_limit=limit)
    party.limit_waits, party.limit_asked, party.limit_asked_by = True, limit, context.actor.get()[:150]
    party.save(update_fields=["limit_waits", "limit_asked", "limit_asked_by", "updated_at"])
    return party


@transaction.atomic
def set_terms(party: Party, **terms: Any) -> bool:
    """As `class_party`, but a limit that takes two people is asked for; True when one was."""
    now = _held(party)
    limit = terms.get("credit_limit", now.credit_limit)
    if limit == now.credit_limit or not services.takes_two(now, limit):
        services.class_party(party, **terms)
        return False
    del terms["credit_limit"]
    services.class_party(party, **terms)
    ask(party, limit)
    return True


@transaction.atomic
def approve(party: Party) -> Party:
    """A second person lets the customer have the limit that was asked."""
    party = _waiting(party)
    who = context.actor.get()[:150]
    if not who or who == party.limit_asked_by:
        raise AnotherApproves()
    asker = party.limit_asked_by
    party = services.class_party(party, limit_approved_by=who, credit_limit=party.limit_asked)
    _tell(asker, party, format_lazy(_("{who} approved the credit limit you asked for {party}."), who=who, party=party))
    return party


@transaction.atomic
def decline(party: Party, reason: str) -> Party:
    """The limit stays; who asked may take it back as well."""
    if not reason.strip():
        raise BadInput(why=_("Say why."), field="reason")
    party = _waiting(party)
    asker, who = party.limit_asked_by, context.actor.get()
    party.limit_waits, party.limit_asked, party.limit_asked_by = False, None, ""
    with context.because(reason.strip()[:90]):
        party.save(update_fields=["limit_waits", "limit_asked", "limit_asked_by", "updated_at"])
    if who != asker:
        words = _("{who} declined the credit limit you asked for {party}: {why}")
        _tell(asker, party, format_lazy(words, who=who, party=party, why=reason.strip()), "bad")
    return party


def _tell(asker: str, party: Party, words: Promise, tone: str = "good") -> None:
    """Who asked hears what became of it; the amount stays on the page, where rights are asked for."""
    notify(get_user_model().objects.filter(username=asker), words, party.get_absolute_url(), tone)


def _waiting(party: Party) -> Party:
    party = _held(party)
    if not party.limit_waits:
        raise NothingAsked(party=party.code)
    return party


def _held(party: Party) -> Party:
    return Party.objects.select_for_update(no_key=True).get(pk=party.pk)
