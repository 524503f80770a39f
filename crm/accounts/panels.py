"""What higher domains add to the account page: facts in its head, buttons, and parts of its own.

They register when their app is ready, so that accounts need not know who builds upon them.
`position` orders: 10 deals, 20 tickets, 30 contact with them, 40 money owed, 50 credit.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from base.templatetags.ui import when
from crm.accounts.models import Account, AccountShare, Contact, Merge, PoolStay

STAYS_SHOWN = 10


@dataclass(frozen=True)
class Fact:
    """One small figure of the account's health."""

    label: Any
    value: Any
    note: Any = ""
    tone: str = ""
    url: str = ""


@dataclass(frozen=True)
class Action:
    """A button of the account page; the address takes the account's id, and `sheet` opens it over the page."""

    label: Any
    icon: str
    url_name: str
    sheet: bool = False
    tone: str = ""


FactMaker = Callable[[HttpRequest, Account], Fact | None]
SectionMaker = Callable[[HttpRequest, Account], str]

_facts: dict[int, FactMaker] = {}
_actions: dict[int, Action] = {}
_sections: dict[tuple[str, int], SectionMaker] = {}


def add_fact(position: int, maker: FactMaker) -> None:
    """A figure for the head of the page; None leaves it out."""
    _facts[position] = maker


def add_action(position: int, action: Action) -> None:
    """A button beside the others."""
    _actions[position] = action


def add_section(position: int, maker: SectionMaker, side: str = "aside") -> None:
    """A part of the page as HTML: in the `main` column before the timeline (below 50) or in the `aside` column."""
    _sections[side, position] = maker


def facts(request: HttpRequest, account: Account) -> list[Fact]:
    """The figures, in order."""
    made = (_facts[position](request, account) for position in sorted(_facts))
    return [fact for fact in made if fact is not None]


def revision(made: list[Fact]) -> str:
    """Changes whenever a figure does."""
    return hashlib.sha256(repr([(str(one.value), str(one.note), one.tone) for one in made]).encode()).hexdigest()[:16]


def actions() -> list[Action]:
    """The buttons, in order."""
    return [_actions[position] for position in sorted(_actions)]


def sections(request: HttpRequest, account: Account, side: str) -> list[str]:
    """The parts of one column, in order."""
    return [_sections[key](request, account) for key in sorted(_sections) if key[0] == side]


def credit(request: HttpRequest, account: Account) -> Fact:
    """How much trust the books have, and when they said so."""
    if not account.credit_band:
        return Fact(_("Credit"), "–", note=_("not yet a customer") if not account.registered else _("no word yet"))
    tone = {"open": "good", "tight": "warn", "stopped": "bad"}.get(account.credit_band, "")
    note = format_html("{} {}", _("as of"), when(account.credit_as_of))
    return Fact(_("Credit"), capfirst(account.get_credit_band_display()), note=note, tone=tone)


def merged(request: HttpRequest, account: Account) -> str:
    """What was merged into the account, and till when it may be split again."""
    people = Contact.objects.visible_to(request.user).filter(account=account).values("pk")
    merges = list(
        Merge.objects.visible_to(request.user)
        .standing()
        .filter(Q(winner=account.pk) | Q(winner__in=people))
        .select_related("merged_by")
    )
    if not merges:
        return ""
    told = {
        "merges": merges,
        "may_split": account.writable_by(request.user),
        "may_split_accounts": account.held_by(request.user),
    }
    return render_to_string("crm/accounts/_merged.html", told, request)


def shares(request: HttpRequest, account: Account) -> str:
    """With whom it is shared until when; for whoever sees it."""
    rows = AccountShare.objects.visible_to(request.user).live().filter(account=account)
    found = list(rows.select_related("user", "team", "given_by").order_by("until", "pk"))
    for one in found:
        one.account = account
        one.endable = one.may_end(request.user)
    held = account.held_by(request.user)
    told = {"shares": found, "account": account, "may_share": held and account.owner_id, "may_decide": held}
    return render_to_string("crm/accounts/_shares.html", told, request)


def stays(request: HttpRequest, account: Account) -> str:
    """When it lay in the pool, why, and who had it then."""
    found = PoolStay.objects.visible_to(request.user).filter(account=account).select_related("left_by", "taken_by")
    told = list(found[:STAYS_SHOWN])
    return render_to_string("crm/accounts/_stays_card.html", {"stays": told}, request) if told else ""
