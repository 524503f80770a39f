"""Who is known already: leads, contacts and accounts that look like what is being typed, whoever owns them.

Blocking keys find the candidates by index (the core of a name, the last digits of a phone, the mail address, a piece of
the name with a piece of the address); rapidfuzz then says how alike names and addresses are. The same name at another
address is perhaps the same, and is said so. A match outside one's rights is told with its kind, its owner and a masked
name.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.fields.array import ArrayContains  # type: ignore[attr-defined]
from django.db.models import CharField, F, IntegerField, QuerySet, Value
from django.db.models.functions import Cast, Lower
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz

from crm.access.people import name_of
from crm.accounts import services as accounts
from crm.accounts.likeness import name_match, phone_match
from crm.accounts.masks import masked
from crm.accounts.models import Account, Contact
from crm.accounts.phones import e164
from crm.accounts.places import Place, likeness
from crm.leads.models import Lead, LeadState, Policy
from crm.leads.services import place_of

CANDIDATES, SHOWN = 40, 6
ALIKE = 86
ALIKE_PLACE = 72
PLACE_CANDIDATES = 200
BEGINNING = 4

KINDS = {"account": _("account"), "contact": _("contact"), "lead": _("lead")}
REASONS = {
    "email": _("same e-mail"),
    "phone": _("same phone"),
    "company": _("same company"),
    "name": _("same name"),
    "place": _("same name and address"),
    "elsewhere": _("same name, another address"),
}


@dataclass(frozen=True)
class Known:
    """What is being typed, reduced to what stays the same."""

    company: str
    person: str
    phone: str
    email: str
    place: Place

    @classmethod
    def of(
        cls,
        *,
        company: str = "",
        person: str = "",
        phone: str = "",
        email: str = "",
        street: str = "",
        city: str = "",
        postal_code: str = "",
    ) -> "Known":
        country = Policy.current().phone_country.upper() if phone else ""
        return cls(
            name_match(company) if company.strip() else "",
            name_match(person) if person.strip() else "",
            phone_match(e164(phone, country)),
            email.strip().casefold(),
            Place.of(person or company, street, city, postal_code),
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
    sure: bool
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
        return REASONS[self.reason if self.sure else "elsewhere"]


TOLD = ("company", "person", "phone", "email", "street", "city", "postal_code")


class Judged(NamedTuple):
    """How alike and why; not sure where the addresses say otherwise."""

    score: int
    reason: str
    sure: bool = True


def find(user: Any, known: Known, *, but: UUID | None = None, most: int = SHOWN) -> list[Match]:
    """The likeliest first, without the record `but`; the surest of several reasons is told."""
    found = [*_accounts(user, known, but), *_contacts(user, known), *_leads(user, known, but)]
    return sorted(found, key=lambda match: (-match.score, not match.seen, match.kind))[:most]


def _accounts(user: Any, known: Known, but: UUID | None) -> Iterable[Match]:
    names = [name for name in (known.company, known.person) if name]
    others = Account.objects.select_related("owner")
    others = others.exclude(pk=but) if but else others
    rows = _with_place(_candidates(others, known, ("name_match", names)), others, known)
    seen = _seen(Account.objects.visible_to(user), rows)
    for row in rows:
        told = _judged(
            known, (("company", known.company), ("name", known.person)), row.name_match, row, accounts.place_of(row)
        )
        if told and row.owner_id is None and row.pk not in seen:
            # The pool is no secret: who finds it there may claim it, and before that nothing is linked to it.
            yield replace(_match("account", row, row.pk, row.name, row.place, None, told, True), account=None)
        elif told:
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
    rows = _with_place(rows, fresh, known)
    seen = _seen(Lead.objects.visible_to(user), rows)
    for row in rows:
        by_company = _judged(known, (("company", known.company),), row.company_match, row)
        by_name = _judged(known, (("name", known.person),), row.person_match, row, place_of(row))
        told = max(filter(None, (by_company, by_name)), default=None)
        if told:
            yield _match("lead", row, row.pk, row.name, row.subtitle, row.owner, told, row.pk in seen)


def _candidates(rows: QuerySet[Any], known: Known, *names: tuple[str, list[str]]) -> list[Any]:
    """A few dozen at most, each in the order of the index that finds it: the same mail, the same phone, and the names
    on both sides of this one, as far as they begin alike."""
    rows = rows.order_by()
    wanted: list[QuerySet[Any]] = []
    if known.email:
        wanted.append(rows.alias(folded=Lower("email")).filter(folded=known.email).exclude(email=""))
    if known.phone:
        wanted.append(rows.filter(phone_match=known.phone).exclude(phone_match=""))
    for field, texts in names:
        for text in filter(None, texts):
            start = text[:BEGINNING]
            named = rows.exclude(**{field: ""})
            wanted.append(named.filter(**{f"{field}__gte": text, f"{field}__lt": _after(start)}).order_by(field))
            wanted.append(named.filter(**{f"{field}__gte": start, f"{field}__lt": text}).order_by(f"-{field}"))
    return list({row.pk: row for one in wanted for row in one[:CANDIDATES]}.values())


def _with_place(rows: list[Any], all_rows: QuerySet[Any], known: Known) -> list[Any]:
    """And those who share most pieces of name and address."""
    if not known.place.keys:
        return rows
    one: Any = ArrayField(CharField(max_length=60))
    shares = [Cast(ArrayContains(F("like_keys"), Value([key], one)), IntegerField()) for key in known.place.keys]
    sharing = all_rows.filter(like_keys__overlap=known.place.keys).order_by(-sum(shares[1:], shares[0]), "pk")
    found = {row.pk: row for row in sharing[:PLACE_CANDIDATES]}
    return list({**found, **{row.pk: row for row in rows}}.values())


def _after(text: str) -> str:
    """The first text that does not begin so any more.

    >>> _after("müll")
    'mülm'
    """
    return text[:-1] + chr(ord(text[-1]) + 1)


def _judged(
    known: Known, names: Iterable[tuple[str, str]], there: str, row: Any, place: Place | None = None
) -> Judged | None:
    """The surest reason, and how sure; None when they are not alike after all."""
    if known.email and row.email.casefold() == known.email:
        return Judged(100, "email")
    if known.phone and row.phone_match == known.phone:
        return Judged(98, "phone")
    near = likeness(known.place, place) if place is not None else 0
    if near >= ALIKE_PLACE:
        return Judged(near, "place")
    alike = [Judged(round(fuzz.ratio(name, there)), reason) for reason, name in names if name and there]
    best = max(alike, default=None)
    if best is None or best.score < ALIKE:
        return None
    return Judged(near, best.reason, sure=False) if near and best.reason == "name" else best


def _seen(visible: QuerySet[Any], rows: list[Any]) -> set[Any]:
    return set(visible.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True)) if rows else set()


def _match(kind: str, of: Any, pk: UUID, name: str, note: str, owner: Any, told: Judged, seen: bool) -> Match:
    return Match(
        kind=kind,
        pk=pk,
        name=name if seen else masked(name),
        note=note if seen else "",
        owner=name_of(owner),
        reason=told.reason,
        score=told.score,
        sure=told.sure,
        seen=seen,
        url=of.get_absolute_url() if seen else "",
        account=None if kind == "lead" else of.pk,
        called=of.name if seen else "",
    )
