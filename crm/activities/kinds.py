"""How each kind of timeline entry is called, drawn and said; a sentence is filled with the entry's facts.

Facts are strings; those named in `_MONEY` are amounts and are written in the reader's manner.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import CreditBand

Words = str | Promise


class Group(models.TextChoices):
    """What the timeline can be narrowed to."""

    TALKS = "talks", _("Talks")
    DEALS = "deals", _("Deals")
    GOODS = "goods", _("Orders and parcels")
    MONEY = "money", _("Money")
    TICKETS = "tickets", _("Tickets")
    LEADS = "leads", _("Lead")


@dataclass(frozen=True)
class Kind:
    """One kind: group, icon, tone, and the sentence its facts fill."""

    group: Group
    icon: str
    sentence: Words
    tone: str = ""


KINDS: dict[str, Kind] = {
    "note": Kind(Group.TALKS, "note", _("Note")),
    "call": Kind(Group.TALKS, "phone", _("Call"), "accent"),
    "visit": Kind(Group.TALKS, "walk", _("Visit"), "accent"),
    "meeting": Kind(Group.TALKS, "users", _("Meeting"), "accent"),
    "task": Kind(Group.TALKS, "calendar-check", _("Task")),
    "mail": Kind(Group.TALKS, "mail", _("E-mail"), "accent"),
    "deal_won": Kind(Group.DEALS, "trophy", _("Deal {number} won: {total} {currency}"), "good"),
    "deal_lost": Kind(Group.DEALS, "trending-down", _("Deal {number} lost: {reason}"), "bad"),
    "deal_withdrawn": Kind(Group.DEALS, "arrow-back-up", _("Deal {number} withdrawn: {reason}"), "warn"),
    "deposit_reported": Kind(
        Group.MONEY, "pig-money", _("Deposit of {amount} {currency} reported for {number}"), "info"
    ),
    "ticket_opened": Kind(Group.TICKETS, "ticket", _("Ticket {number} opened: {subject}"), "info"),
    "ticket_solved": Kind(Group.TICKETS, "circle-check", _("Ticket {number} solved: {subject}"), "good"),
    "return_requested": Kind(Group.TICKETS, "truck-return", _("Return asked for on {number}: {goods}"), "info"),
    "lead_captured": Kind(Group.LEADS, "user-plus", _("Lead came in: {lead_source}"), "info"),
    "lead_assigned": Kind(Group.LEADS, "user-share", _("Lead given to {owner}"), "info"),
    "lead_waits": Kind(Group.LEADS, "alarm", _("Nobody has called yet; {told} was told"), "warn"),
    "lead_passed_on": Kind(
        Group.LEADS, "user-share", _("Passed on from {before} to {owner}: nobody had called"), "warn"
    ),
    "lead_qualified": Kind(Group.LEADS, "circle-check", _("Lead qualified"), "good"),
    "lead_lost": Kind(Group.LEADS, "trending-down", _("Lead lost: {lost_reason}"), "bad"),
    "lead_reopened": Kind(Group.LEADS, "arrow-back-up", _("Lead taken up again"), "info"),
    "lead_converted": Kind(Group.LEADS, "building", _("Lead became {account}"), "good"),
    "erp_party_opened": Kind(
        Group.MONEY, "building-bank", _("Opened in the books as {party}, payment in {days} days"), "info"
    ),
    "erp_party_classed": Kind(Group.MONEY, "building-bank", _("Terms of {party}: payment in {days} days"), "info"),
    "erp_credit_banded": Kind(Group.MONEY, "credit-card", _("Credit is {band}"), "info"),
    "erp_order_accepted": Kind(Group.GOODS, "circle-check", _("Order {number} accepted"), "good"),
    "erp_order_held": Kind(Group.GOODS, "hand-stop", _("Order {number} held: {reason}"), "warn"),
    "erp_order_refused": Kind(Group.GOODS, "ban", _("Order {number} refused: {reason}"), "bad"),
    "erp_order_cancelled": Kind(Group.GOODS, "circle-x", _("Order {number} cancelled"), "warn"),
    "erp_order_completed": Kind(Group.GOODS, "checks", _("Order {number} completed"), "good"),
    "erp_withdrawal_refused": Kind(Group.GOODS, "ban", _("Too late to withdraw {number}: {reason}"), "bad"),
    "erp_shipment_dispatched": Kind(
        Group.GOODS, "truck-delivery", _("Parcel {number} on its way: {carrier} {tracking}"), "info"
    ),
    "erp_shipment_corrected": Kind(
        Group.GOODS, "truck-delivery", _("Parcel {number} comes with {carrier} {tracking}"), "info"
    ),
    "erp_invoice_issued": Kind(Group.MONEY, "file-invoice", _("Invoice {number}: {gross} {currency}"), "info"),
    "erp_invoice_credited": Kind(Group.MONEY, "file-minus", _("Credit note {number}: {gross} {currency}"), "info"),
    "erp_payment_received": Kind(Group.MONEY, "cash", _("Payment received: {amount} {currency}"), "good"),
    "erp_return_authorised": Kind(Group.TICKETS, "truck-return", _("Return {number} authorised"), "good"),
    "erp_return_refused": Kind(Group.TICKETS, "ban", _("Return {number} refused: {reason}"), "bad"),
    "erp_return_received": Kind(Group.TICKETS, "package-import", _("Goods of return {number} are back"), "info"),
    "erp_return_settled": Kind(
        Group.TICKETS, "receipt-refund", _("Return {number} settled: credit note {credit_note_number}"), "good"
    ),
}
UNKNOWN = Kind(Group.TALKS, "circle", "")

# Facts that are codes of a higher domain, with their words.
_WORDS: dict[str, dict[str, Words]] = {}


def say(fact: str, choices: Iterable[tuple[str, Words]]) -> None:
    """How the codes of a fact are said; called when the app that owns them is ready."""
    _WORDS[fact] = dict(choices)


_MONEY = ("amount", "gross", "net", "total")
_BAND_TONES = {"open": "good", "watch": "info", "tight": "warn", "stopped": "bad"}


def kind_of(name: str) -> Kind:
    """The kind by its name; one that we do not know is drawn plainly."""
    return KINDS.get(name, UNKNOWN)


def kinds_in(group: str) -> list[str]:
    """The names of a group's kinds."""
    return [name for name, kind in KINDS.items() if kind.group == group]


def sentence(name: str, facts: dict[str, Any], text: str) -> str:
    """What the entry says in the reader's language; its own text where the kind has no sentence or facts are missing.

    >>> sentence("erp_invoice_issued", {"number": "INV-2026-000001", "gross": "1119", "currency": "EUR"}, "")
    'Invoice INV-2026-000001: 1,119.00 EUR'
    >>> sentence("erp_invoice_issued", {}, "Invoiced")
    'Invoiced'
    """
    try:
        return str(kind_of(name).sentence).format(**_said(facts)).strip().removesuffix(":") or text
    except (KeyError, IndexError, ValueError):
        return text or name


def tone_of(name: str, facts: dict[str, Any]) -> str:
    """The colour role of an entry: its kind's, and the band's own for credit."""
    if name == "erp_credit_banded":
        return _BAND_TONES.get(facts.get("band", ""), "")
    return kind_of(name).tone


def _said(facts: dict[str, Any]) -> dict[str, Any]:
    said = dict(facts)
    for name in _MONEY:
        if name in said:
            said[name] = _amount(said[name])
    for name, words in _WORDS.items():
        if name in said:
            said[name] = words.get(said[name], said[name])
    if said.get("band") in CreditBand.values:
        said["band"] = CreditBand(said["band"]).label
    return said


def _amount(value: Any) -> str:
    try:
        return f"{Decimal(str(value)):,.2f}"
    except InvalidOperation:
        return str(value)
