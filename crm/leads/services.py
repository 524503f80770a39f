"""The verbs of leads: with `conversion`, `handovers` and `waiting` the only writers of their tables."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from django_fsm import TransitionNotAllowed

from base.bulk import insert_many
from base.notices import notify
from base.recording import keep_made
from base.refusals import BadInput, ChangedMeanwhile, MoveRefused, NotAllowed, Refused
from crm.access.people import name_of
from crm.accounts import keeping
from crm.accounts.likeness import name_match, phone_match
from crm.accounts.phones import country_code, e164
from crm.accounts.places import Place
from crm.activities import services as activities
from crm.activities.models import Entry, Outcome
from crm.leads import assigning, scoring
from crm.leads.models import LIVE, Conversion, Lead, LeadState, LossReason, Policy, Source

TEXTS = (
    "person",
    "company",
    "title",
    "phone",
    "other_phone",
    "email",
    "other_email",
    "website",
    "street",
    "postal_code",
    "city",
    "region",
    "country",
    "industry",
    "interest",
    "source_detail",
    "campaign",
    "external_ref",
)
FIELDS = (*TEXTS, "source", "visits", "seconds_on_site", "team", "consent", "consent_at", "consent_source",
          "do_not_call", "do_not_email", "tags", "custom")  # fmt: skip
SAID = {"call": activities.log_call, "visit": activities.log_visit}


class LeadTaken(Refused):
    """Another lead has this reference already."""

    message = _("The reference “{reference}” belongs to another lead already.")
    field = "external_ref"


class LeadOfAnother(NotAllowed):
    """Reps work with their own leads and those that nobody owns."""

    message = _("{lead} belongs to somebody else.")


class LeadOwned(Refused):
    """Somebody else was there first."""

    message = _("{lead} belongs to {owner}.")


class LeadStays(Refused):
    """Something has happened with it."""

    message = _("{lead} is being worked on, so it stays; close it as lost instead.")


@transaction.atomic
def create_lead(
    *, by: Any = None, owner: Any = None, otherwise: Any = None, note: str = "", id: UUID | None = None, **fields: Any
) -> Lead:
    """Somebody who may buy; a name, company, phone or e-mail is enough.

    Without an `owner` the assignment rules choose one, and where none fits it is `otherwise`'s, or nobody's. `note` are
    the first words. `id` is chosen by the caller's form or device: the same id again is the same lead.
    """
    if id is not None and (known := Lead.objects.filter(pk=id).first()):
        return known
    lead = Lead(**({"id": id} if id else {}), owner=owner, **_known_fields(fields))
    keeping.made(lead)
    _tidy(lead, Policy.current())
    _refuse_taken(lead)
    scoring.rate(lead, scoring.rules())
    _place([lead], by, otherwise)
    try:
        with transaction.atomic():
            lead.save(force_insert=True)
    except IntegrityError:
        if id is not None and (known := Lead.objects.filter(pk=id).first()):
            return known
        _refuse_taken(lead)
        raise
    activities.record_facts([_captured(lead, "" if by else note.strip())])
    if by is not None and note.strip():
        activities.note(None, note, by=by, lead=lead.pk)
    if lead.owner != by:
        _tell_owner(lead)
    return lead


@transaction.atomic
def create_leads(rows: Sequence[dict[str, Any]], *, by: Any, otherwise: Any = None) -> list[Lead]:
    """Many at once in a few statements, with the same rules and the same history as one; all of them or none."""
    policy, rules = Policy.current(), scoring.rules()
    leads = [Lead(**{"owner": None, **row}) for row in rows]
    keeping.made_many(leads)
    for lead in leads:
        _tidy(lead, policy)
        scoring.rate(lead, rules)
    references = [lead.external_ref for lead in leads if lead.external_ref]
    if taken := Lead.objects.filter(external_ref__in=references).first():
        raise LeadTaken(reference=taken.external_ref)
    _place(leads, by, otherwise)
    insert_many(leads)
    keep_made(leads)
    activities.record_facts([_captured(lead) for lead in leads])
    for owner, count in Counter(lead.owner for lead in leads if lead.owner and lead.owner != by).items():
        text = ngettext_lazy("{count} new lead is yours.", "{count} new leads are yours.", count)
        notify([owner], format_lazy(text, count=count), url="/leads/?owner=me&state=new")
    return leads


@transaction.atomic
def update_lead(lead: Lead, *, version: int | None = None, **changes: Any) -> Lead:
    """Change what is given; `version` is the one the caller looked at, and a newer one is not overwritten."""
    lead = locked(lead)
    if version is not None and version != lead.version:
        raise ChangedMeanwhile()
    before = {name: getattr(lead, name) for name in FIELDS}
    for name, value in _known_fields(changes).items():
        setattr(lead, name, keeping.changed(lead, name, value))
    _tidy(lead, Policy.current())
    rated = scoring.rate(lead, scoring.rules())
    if not rated and all(getattr(lead, name) == before[name] for name in FIELDS):
        return lead
    if lead.external_ref != before["external_ref"]:
        _refuse_taken(lead)
    lead.version += 1
    lead.save()
    return lead


@transaction.atomic
def remove_lead(lead: Lead) -> None:
    """Take back a lead made by mistake, before anything happened with it; the history keeps it."""
    lead = locked(lead)
    spoken = Entry.objects.filter(lead=lead.pk).exclude(kind__startswith="lead_").exists()
    if spoken or lead.state != LeadState.NEW or Conversion.objects.filter(lead=lead).exists():
        raise LeadStays(lead=lead.name)
    activities.forget_lead(lead.pk)
    lead.delete()


@transaction.atomic
def assign(lead: Lead, owner: Any, *, by: Any = None) -> Lead:
    """Somebody else works on it from now on, or nobody; who gets it is told, and their time begins now."""
    lead = locked(lead)
    if lead.owner == owner:
        return lead
    lead.owner = owner
    if lead.waits_since is not None and lead.touched_at is None:
        lead.waits_since, lead.reminded_at, lead.escalated_at = timezone.now(), None, None
    lead.version += 1
    lead.save()
    tell(lead, "lead_assigned", owner=name_of(owner) or _("nobody"))
    if owner is not None and owner != by:
        _tell_owner(lead)
    return lead


@transaction.atomic
def claim(lead: Lead, by: Any) -> Lead:
    """Somebody takes a lead of the pool; of two at once one gets it."""
    held = locked(lead)
    if held.owner_id == by.pk:
        return held
    if held.owner is not None:
        raise LeadOwned(lead=held.name, owner=name_of(held.owner))
    return assign(held, by, by=by)


@transaction.atomic
def log(lead: Lead, kind: str, *, by: Any, outcome: str = "", text: str = "", **about: Any) -> Entry:
    """A call, visit or note; the first call or visit is the first touch, and whoever was reached is contacted."""
    lead = locked(lead)
    account = getattr(getattr(lead, "conversion", None), "account", None)
    if kind == "note":
        return activities.note(account, text, by=by, lead=lead.pk, **about)
    if kind not in SAID:
        raise BadInput(why=_("Only notes, calls and visits can be written."), field="kind")
    entry = SAID[kind](account, outcome, by=by, text=text, lead=lead.pk, **about)
    reached = outcome != Outcome.NOT_REACHED
    if lead.touched_at is None or (reached and lead.state == LeadState.NEW):
        lead.touched_at = lead.touched_at or entry.occurred_at
        if reached and lead.state == LeadState.NEW:
            lead.contact()
        lead.version += 1
        lead.save()
    return entry


@transaction.atomic
def contact(lead: Lead, *, by: Any) -> Lead:
    """They have been spoken with; how it went is better logged."""
    return _moved(lead, lambda held: held.contact(), _("contacted"))


@transaction.atomic
def qualify(lead: Lead, *, by: Any) -> Lead:
    """They want something that we have."""
    lead = _moved(lead, lambda held: held.qualify(), _("qualified"))
    tell(lead, "lead_qualified")
    return lead


@transaction.atomic
def lose(lead: Lead, reason: str, *, by: Any, note: str = "") -> Lead:
    """Nothing comes of it; why is kept."""
    if reason not in LossReason.values:
        raise BadInput(why=_("Why is it lost? Choose one."), field="reason")
    note = " ".join(note.split())[:250]
    lead = _moved(lead, lambda held: held.lose(reason, note), _("lost"))
    tell(lead, "lead_lost", note, lost_reason=str(reason))
    return lead


@transaction.atomic
def reopen(lead: Lead, *, by: Any) -> Lead:
    """A lost one is taken up again."""
    lead = _moved(lead, lambda held: held.reopen(), _("taken up again"))
    tell(lead, "lead_reopened")
    return lead


@transaction.atomic
def set_consent(lead: Lead, given: bool, *, source: str, at: datetime | None = None) -> Lead:
    """They agreed to be written to, or took it back; since when and by which door is kept."""
    source = " ".join(source.split())
    if given and not source:
        raise BadInput(why=_("How did they agree? By word, by a form, by mail…"), field="consent_source")
    at = (at or timezone.now()) if given else None
    return update_lead(lead, consent=given, consent_at=at, consent_source=source if given else "")


def refuse_unwritable(lead: Lead, user: Any) -> None:
    """Seeing is not changing."""
    if not lead.writable_by(user):
        raise LeadOfAnother(lead=lead.name)


# ---- below: parts ----------------------------------------------------------------------------------------------------


def locked(lead: Lead) -> Lead:
    """The lead, held; who has it is read afterwards: joined to a row waited for, it would be the one before."""
    held: Lead = Lead.objects.select_for_update(of=("self",)).get(pk=lead.pk)
    return held


def _moved(lead: Lead, transition: Callable[[Lead], None], verb: Any) -> Lead:
    lead = locked(lead)
    try:
        transition(lead)
    except TransitionNotAllowed:
        raise MoveRefused(what=lead.name, state=lead.get_state_display(), verb=verb) from None
    lead.touched_at = lead.touched_at or timezone.now()
    lead.version += 1
    lead.save()
    return lead


def _place(leads: Sequence[Lead], by: Any, otherwise: Any) -> None:
    """An owner for those without, and the beginning of their time where they wait for a call."""
    assigning.give([lead for lead in leads if lead.owner is None])
    for lead in leads:
        if lead.owner is None:
            lead.owner = otherwise
        if lead.source in LIVE and (lead.owner is None or lead.owner != by):
            lead.waits_since = timezone.now()


def _captured(lead: Lead, text: str = "") -> dict[str, Any]:
    """The first line of the timeline; with the words that somebody outside wrote to us."""
    parts = (lead.source_detail, lead.interest, text)
    return {
        "lead": lead.pk,
        "kind": "lead_captured",
        "occurred_at": lead.created_at or timezone.now(),
        "facts": {"lead_source": str(lead.source)},
        "text": "\n".join(part for part in parts if part),
    }


def tell(lead: Lead, kind: str, text: str = "", **facts: Any) -> None:
    became: Conversion | None = getattr(lead, "conversion", None)
    account, deal = (became.account, became.deal_id) if became else (None, None)
    told = {name: str(value) for name, value in facts.items()}
    activities.record_fact(account, kind, text, told, timezone.now(), deal=deal, lead=lead.pk)


def _tell_owner(lead: Lead) -> None:
    notify([lead.owner], format_lazy(_("New lead for you: {lead}"), lead=lead.name), url=lead.get_absolute_url())


def _known_fields(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - set(FIELDS)
    assert not unknown, f"not a field one may set: {unknown}"
    return fields


def _tidy(lead: Lead, policy: Policy) -> None:
    """Blanks off the ends, numbers as they are dialled from anywhere, and something to call it by."""
    for name in TEXTS:
        setattr(lead, name, " ".join((getattr(lead, name) or "").split()))
    lead.external_ref = lead.external_ref or None
    country = country_code(lead.country) or policy.phone_country.upper()
    lead.phone, lead.other_phone = e164(lead.phone, country), e164(lead.other_phone, country)
    if not any((lead.person, lead.company, lead.email, lead.phone, lead.external_ref)):
        raise BadInput(why=_("A name, a company, a phone number or an e-mail address is needed."), field="person")
    for name in ("email", "other_email"):
        check_mail(getattr(lead, name), name)
    lead.website = _address(lead.website)
    if lead.consent and not lead.consent_at:
        lead.consent_at = timezone.now()
    if lead.consent and not lead.consent_source:
        lead.consent_source = lead.source_detail or Source(lead.source).value
    if not lead.consent:
        lead.consent_at, lead.consent_source = None, ""
    lead.name = lead.person or lead.company or lead.email or lead.phone or lead.external_ref
    lead.person_match = name_match(lead.person) if lead.person else ""
    lead.company_match = name_match(lead.company) if lead.company else ""
    lead.phone_match = phone_match(lead.phone)
    lead.like_keys = place_of(lead).keys


def place_of(lead: Lead) -> Place:
    """Who and where, for finding the same again."""
    return Place.of(lead.person or lead.company, lead.street, lead.city, lead.postal_code)


def _refuse_taken(lead: Lead) -> None:
    if lead.external_ref and Lead.objects.filter(external_ref=lead.external_ref).exclude(pk=lead.pk).exists():
        raise LeadTaken(reference=lead.external_ref)


def _address(website: str) -> str:
    """An address that a browser may follow: nothing but http and https."""
    if not website:
        return ""
    address = website if website.casefold().startswith(("http://", "https://")) else f"https://{website}"
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError:
        raise BadInput(
            why=_("“{text}” is not an address of a website.").format(text=website), field="website"
        ) from None
    return address


def check_mail(address: str, field: str) -> None:
    if not address:
        return
    try:
        validate_email(address)
    except ValidationError:
        raise BadInput(why=_("“{text}” is not an e-mail address.").format(text=address), field=field) from None
