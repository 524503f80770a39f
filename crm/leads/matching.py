"""Who is known already: leads, contacts and accounts that look like what is being typed, whoever owns them.

Blocking keys find the candidates by index (the core of a name, the last digits of a phone, the mail address); rapidfuzz
then says how alike the names are. A match outside one's rights is told with its kind, its owner and a masked name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz

from crm.accounts.likeness import name_match, phone_match
from crm.accounts.models import Account, Contact
from crm.accounts.phones import e164
from crm.leads.models import Lead, LeadState, Policy
from crm.leads.services import person_name

CANDIDATES, SHOWN = 60, 6
ALIKE = 86
BEGINNING = 4

KINDS = {"account": _("account"), "contact": _("contact"), "lead": _("lead")}
REASONS = {"email": _("same e-mail"), "phone": _("same phone"), "company": _("same company"), "name": _("same name")}


@dataclass(frozen=True)
class Known:
    """What is being typed, reduced to what stays the same."""

    company: str
    person: str
    phone: str
    email: str

    @classmethod
    def of(cls, *, company: str = "", person: str = "", phone: str = "", email: str = "") -> "Known":
        country = Policy.current().phone_country.upper() if phone else ""
        return cls(
            name_match(company) if company.strip() else "",
            name_match(person) if person.strip() else "",
            phone_match(e164(phone, country)),
            email.strip().casefold(),
        )


@dataclass(frozen=True)
class Match:
    """One record that looks like it; `name` is masked and `url` empty where the reader may not see it."""

    kind: str
    pk: UUID
    name: str
    note: str
    owner: str
    reason: str
    score: int
    seen: bool
    url: str
    account: UUID | None = None
    called: str = ""

    @property
    def asked_for(self) -> str:
        """What one would ask the owner for: a contact goes with its account."""
        return "lead" if self.kind == "lead" else "account"

    @property
    def label(self) -> Any:
        return KINDS[self.kind]

    @property
    def why(self) -> Any:
        return REASONS[self.reason]


def find(user: Any, known: Known, *, but: UUID | None = None, most: int = SHOWN) -> list[Match]:
    """The likeliest first; the surest of several reasons is told."""
    found = [*_accounts(user, known), *_contacts(user, known), *_leads(user, known, but)]
    return sorted(found, key=lambda match: (-match.score, not match.seen, match.kind))[:most]


def _accounts(user: Any, known: Known) -> Iterable[Match]:
    names = [name for name in (known.company, known.person) if name]
    rows = _candidates(Account.objects.select_related("owner"), known, ("name_match", names))
    seen = _seen(Account.objects.visible_to(user), rows)
    for row in rows:
        told = _judged(known, (("company", known.company), ("name", known.person)), row.name_match, row)
        if told:
            yield _match("account", row, row.pk, row.name, row.place, row.owner, told, row.pk in seen)


def _contacts(user: Any, known: Known) -> Iterable[Match]:
    rows = _candidates(
        Contact.objects.select_related("account", "account__owner"), known, ("name_match", [known.person])
    )
    seen = _seen(Contact.objects.visible_to(user), rows)
    for row in rows:
        if told := _judged(known, (("name", known.person),), row.name_match, row):
            account = row.account
            yield _match("contact", account, account.pk, row.name, account.name, account.owner, told, row.pk in seen)


def _leads(user: Any, known: Known, but: UUID | None) -> Iterable[Match]:
    fresh = Lead.objects.exclude(state=LeadState.CONVERTED).exclude(pk=but).select_related("owner")
    rows = _candidates(fresh, known, ("company_match", [known.company]), ("person_match", [known.person]))
    seen = _seen(Lead.objects.visible_to(user), rows)
    for row in rows:
        by_company = _judged(known, (("company", known.company),), row.company_match, row)
        by_name = _judged(known, (("name", known.person),), row.person_match, row)
        told = max(filter(None, (by_company, by_name)), default=None, key=lambda one: one[1])
        if told:
            yield _match("lead", row, row.pk, row.name, row.subtitle, row.owner, told, row.pk in seen)


def _candidates(rows: QuerySet[Any], known: Known, *names: tuple[str, list[str]]) -> list[Any]:
    """A few dozen at most, each by an index: the same mail, the same phone, a name that begins alike."""
    wanted: list[Q] = []
    if known.email:
        wanted.append(Q(folded=known.email) & ~Q(email=""))
    if known.phone:
        wanted.append(Q(phone_match=known.phone) & ~Q(phone_match=""))
    for field, texts in names:
        for text in filter(None, texts):
            start = text[:BEGINNING]
            wanted.append(Q(**{f"{field}__gte": start, f"{field}__lt": _after(start)}) & ~Q(**{field: ""}))
    found: dict[Any, Any] = {}
    for one in wanted:
        for row in rows.alias(folded=Lower("email")).filter(one)[:CANDIDATES]:
            found[row.pk] = row
    return list(found.values())


def _after(text: str) -> str:
    """The first text that does not begin so any more.

    >>> _after("müll")
    'mülm'
    """
    return text[:-1] + chr(ord(text[-1]) + 1)


def _judged(known: Known, names: Iterable[tuple[str, str]], there: str, row: Any) -> tuple[str, int] | None:
    """The surest reason, and how sure; None when they are not alike after all."""
    if known.email and row.email.casefold() == known.email:
        return "email", 100
    if known.phone and row.phone_match == known.phone:
        return "phone", 98
    likeness = [(reason, round(fuzz.ratio(name, there))) for reason, name in names if name and there]
    best = max(likeness, default=None, key=lambda one: one[1])
    return best if best and best[1] >= ALIKE else None


def _seen(visible: QuerySet[Any], rows: list[Any]) -> set[Any]:
    return set(visible.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True)) if rows else set()


def _match(kind: str, of: Any, pk: UUID, name: str, note: str, owner: Any, told: tuple[str, int], seen: bool) -> Match:
    reason, score = told
    return Match(
        kind=kind,
        pk=pk,
        name=name if seen else masked(name),
        note=note if seen else "",
        owner=person_name(owner),
        reason=reason,
        score=score,
        seen=seen,
        url=of.get_absolute_url() if seen else "",
        account=None if kind == "lead" else of.pk,
        called=of.name if seen else "",
    )


def masked(name: str) -> str:
    """The first letter of each word: enough to recognise whom one has in mind, too little to learn a name.

    >>> masked("Alfreds Futterkiste"), masked("和明贸易")
    ('A••• F•••', '和•••')
    """
    return " ".join(f"{word[0]}•••" for word in name.split())
