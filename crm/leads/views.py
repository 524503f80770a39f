"""Pages of leads: the list, one lead with all that happened, and the few taps that move it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from base.listing.acting import offer_undo
from base.listing.bulk import remembering
from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from crm.accounts.custom_values import rules_of
from crm.accounts.masks import masked
from crm.accounts.models import Account
from crm.accounts.sheets import add_refusal, form_key, quick_form
from crm.accounts.tag_lists import chips
from crm.accounts.tag_views import tags_sheet
from crm.activities import timeline
from crm.activities.models import Entry
from crm.activities.recordings import attach, taken_along
from crm.activities.services import finish_step
from crm.activities.views import SHEETS
from crm.leads import cards, conversion, handovers, matching, scoring, services
from crm.leads.forms import CardForm, ConsentForm, ConvertForm, GiveForm, LeadForm, LoseForm, NewLeadForm
from crm.leads.lists import LEADS, state_badge
from crm.leads.models import CONVERTERS, READERS, Conversion, Handover, Lead, LeadState, Source

VERBS = {"contact": services.contact, "qualify": services.qualify, "reopen": services.reopen}
PATH = (LeadState.NEW, LeadState.CONTACTED, LeadState.QUALIFIED, LeadState.CONVERTED)


@require_GET
@role_required(*READERS)
def lead_list(request: HttpRequest) -> HttpResponse:
    """Mine, nobody's or all, the newest first."""
    return show(request, LEADS)


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def lead_new(request: HttpRequest) -> HttpResponse:
    """A new lead in a few taps; whoever types it in has it."""
    key, user = form_key(request), request.user

    def save(typed: dict[str, Any]) -> Lead:
        return services.create_lead(by=user, owner=user, id=key, **typed)

    return quick_form(
        request,
        NewLeadForm(
            request.POST if request.method == "POST" else None, initial={"person": request.GET.get("name", "")}
        ),
        title=_("New lead"),
        submit=_("Create"),
        save=save,
        back=reverse("leads:list"),
        go=lambda lead: lead.get_absolute_url(),
        live=reverse("leads:alike"),
    )


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def card(request: HttpRequest) -> HttpResponse:
    """A lead from a card: a file of one's phone, or the text of a QR code."""
    key, user = form_key(request), request.user

    def save(typed: dict[str, Any]) -> Lead:
        told = cards.read(typed["card"])
        return services.create_lead(by=user, owner=user, id=key, source=Source.CARD, **told)

    return quick_form(
        request,
        CardForm(request.POST, request.FILES) if request.method == "POST" else CardForm(),
        title=_("Lead from a card"),
        submit=_("Read the card"),
        save=save,
        back=reverse("leads:list"),
        go=lambda lead: lead.get_absolute_url(),
    )


@require_GET
@role_required(*READERS)
def alike(request: HttpRequest) -> HttpResponse:
    """Who is known already of what is being typed; asked for while typing."""
    told = {name: request.GET.get(name, "")[:250] for name in matching.TOLD}
    found = matching.find(request.user, matching.Known.of(**told))
    return render(request, "crm/leads/_alike.html", {"matches": found, "asked": _asked(request)})


@require_GET
@role_required(*READERS)
def lead_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything about one lead on one page."""
    lead = _lead(request, pk)
    may_write = lead.writable_by(request.user)
    context = {
        "lead": lead,
        "badge": state_badge(lead),
        "may_write": may_write,
        "may_convert": may_write and lead.is_open and has_role(request.user, *CONVERTERS),
        "path": _path(lead),
        "reasons": scoring.said(lead.score_reasons),
        "conversion": (made := _conversion(request, lead)),
        "masked": _masked(request, made),
        "asked": _asked_for(request, lead) if may_write else (),
        "timeline": timeline.render(request, lead=lead),
        "facts": _facts(lead),
        "tag_chips": chips(lead),
    }
    return render(request, "crm/leads/detail.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def lead_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what we know of a lead."""
    lead = _writable(request, pk)
    form = LeadForm(
        request.POST if request.method == "POST" else None, instance=lead, initial={"version": lead.version}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.update_lead(lead, **form.cleaned_data)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(lead)
    status = 422 if form.errors else 200
    return render(request, "crm/leads/edit.html", {"form": form, "lead": lead}, status=status)


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def tags(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Which words a lead bears."""
    lead = _writable(request, pk)
    return tags_sheet(request, lead, lambda words: services.update_lead(lead, tags=words))


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def log(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    """Log a call or visit with the lead, or write a note; `?entry=` names the step that is done with it."""
    lead = _writable(request, pk)
    if kind not in SHEETS:
        raise Http404
    form_class, _verb, title, done = SHEETS[kind]
    step = _step(request, lead)

    @transaction.atomic
    def save(typed: dict[str, Any]) -> Entry:
        along = taken_along(typed)
        made = services.log(lead, kind, by=request.user, id=form_key(request), **typed)
        attach(made, along, by=request.user)
        if step is not None:
            finish_step(step)
        return made

    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = form_class(*sent, account=None, kind=kind)
    return quick_form(
        request,
        form,
        title=f"{title}: {lead.name}",
        save=save,
        back=lead.get_absolute_url(),
        go=lambda _made: lead.get_absolute_url(),
        done=done,
    )


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def give(request: HttpRequest, pk: UUID) -> HttpResponse:
    """To somebody else, or back to the pool."""
    lead = _writable(request, pk)

    def save(typed: dict[str, Any]) -> Lead:
        with remembering(LEADS, request.user, "assign", lead) as outcome:
            given = services.assign(lead, typed["owner"], by=request.user)
        offer_undo(request, outcome)
        return given

    return quick_form(
        request,
        GiveForm(request.POST if request.method == "POST" else None, initial={"owner": lead.owner}),
        title=_("Give to…"),
        save=save,
        back=lead.get_absolute_url(),
        go=lambda given: _still_seen(request, given),
    )


@require_POST
@role_required(*READERS)
def claim(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a lead of the pool."""
    lead = services.claim(_lead(request, pk), request.user)
    messages.success(request, _("{name} is yours now.").format(name=lead.name))
    return redirect(lead)


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def consent(request: HttpRequest, pk: UUID) -> HttpResponse:
    """They agreed to be written to, or took it back."""
    lead = _writable(request, pk)
    initial = {"consent": lead.consent, "consent_source": lead.consent_source}
    return quick_form(
        request,
        ConsentForm(request.POST if request.method == "POST" else None, initial=initial),
        title=_("Consent"),
        save=lambda typed: services.set_consent(lead, typed["consent"], source=typed["consent_source"]),
        back=lead.get_absolute_url(),
        go=lambda kept: kept.get_absolute_url(),
    )


@require_POST
@role_required(*READERS)
def move(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Contacted, qualified, or taken up again."""
    return redirect(VERBS[verb](_writable(request, pk), by=request.user))


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def lose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Nothing comes of it: say why."""
    lead = _writable(request, pk)
    return quick_form(
        request,
        LoseForm(request.POST if request.method == "POST" else None),
        title=_("Lost: {lead}").format(lead=lead.name),
        save=lambda typed: services.lose(lead, typed["reason"], by=request.user, note=typed["note"]),
        back=lead.get_absolute_url(),
        go=lambda lost: lost.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
@role_required(*CONVERTERS)
def convert(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who looks like it, which account it becomes, and whether there is a deal in it."""
    lead = _writable(request, pk)
    matches = conversion.alike(lead, request.user)
    data = request.POST if request.method == "POST" else None
    form = ConvertForm(data, user=request.user, lead=lead, matches=matches)
    if request.method == "POST" and form.is_valid():
        try:
            made = conversion.convert(lead, by=request.user, **form.told())
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("{lead} is an account now.").format(lead=lead.name))
            return redirect(made.deal or made.account)
    status = 422 if form.errors else 200
    context = {"lead": lead, "form": form, "matches": matches, "asked": _asked(request)}
    return render(request, "crm/leads/convert.html", context, status=status)


@require_POST
@role_required(*READERS)
def ask_handover(request: HttpRequest) -> HttpResponse:
    """Ask a colleague for what looks like what I have here."""
    kind, pk = request.POST.get("kind", ""), request.POST.get("pk", "")
    if kind not in ("lead", "account"):
        raise Http404
    try:
        handovers.ask(kind, UUID(pk), by=request.user)
    except ValueError:
        raise Http404 from None
    if request.headers.get("HX-Request"):
        return render(request, "crm/leads/_asked.html")
    messages.success(request, _("Asked. You will be told."))
    return redirect("leads:list")


@require_POST
@role_required(*READERS)
def answer_handover(request: HttpRequest, pk: UUID, yes: bool) -> HttpResponse:
    """Give it, or keep it."""
    asked: Handover = get_object_or_404(Handover.objects.visible_to(request.user), pk=pk)
    _answered, outcome = handovers.answer_remembered(asked, yes, by=request.user)
    if not offer_undo(request, outcome):
        messages.success(request, _("Kept."))
    if asked.lead_id:
        return redirect(_still_seen(request, asked.lead))
    seen = Account.objects.visible_to(request.user).filter(handovers=asked).exists()
    return redirect(asked.account if seen and asked.account else "accounts:list")


# ---- below: parts ----------------------------------------------------------------------------------------------------


def _lead(request: HttpRequest, pk: UUID) -> Lead:
    lead: Lead = get_object_or_404(Lead.objects.visible_to(request.user).select_related("owner", "team"), pk=pk)
    return lead


def _writable(request: HttpRequest, pk: UUID) -> Lead:
    lead = _lead(request, pk)
    services.refuse_unwritable(lead, request.user)
    return lead


def _conversion(request: HttpRequest, lead: Lead) -> Conversion | None:
    found = Conversion.objects.visible_to(request.user).filter(lead=lead)
    first: Conversion | None = found.select_related("account", "deal").first()
    return first


def _masked(request: HttpRequest, made: Conversion | None) -> str:
    """The account's name, if it is one that the reader sees; else its first letters, and no way there."""
    if made is None:
        return ""
    seen = Account.objects.visible_to(request.user).filter(pk=made.account_id).exists()
    return "" if seen else masked(made.account.name)


def _asked_for(request: HttpRequest, lead: Lead) -> list[Handover]:
    """Who would like to have it."""
    return list(Handover.objects.visible_to(request.user).open().filter(lead=lead).select_related("asked_by"))


def _still_seen(request: HttpRequest, lead: Any) -> str:
    """The lead's page, or the list when it is somebody else's now."""
    seen = Lead.objects.visible_to(request.user).filter(pk=lead.pk).exists()
    return lead.get_absolute_url() if seen else reverse("leads:list")


def _step(request: HttpRequest, lead: Lead) -> Entry | None:
    text = request.GET.get("entry")
    try:
        wanted = UUID(text) if text else None
    except ValueError:
        raise Http404 from None
    return Entry.objects.visible_to(request.user).filter(pk=wanted, lead=lead.pk).first() if wanted else None


def _asked(request: HttpRequest) -> set[Any]:
    """What this user has asked for already."""
    mine = Handover.objects.visible_to(request.user).open().filter(asked_by=request.user.pk)
    return {pk for pair in mine.values_list("lead", "account") for pk in pair if pk}


def _path(lead: Lead) -> list[dict[str, Any]]:
    """The states from new to converted, and where it stands; a lost one stands nowhere."""
    here = PATH.index(LeadState(lead.state)) if lead.state in PATH else -1
    return [{"label": state.label, "done": place < here, "here": place == here} for place, state in enumerate(PATH)]


def _facts(lead: Lead) -> list[tuple[Any, Any]]:
    """The rest of what we know, label and value; empty ones are left out by the page."""
    town = f"{lead.postal_code} {lead.city}".strip()
    street = ", ".join(part for part in (lead.street, town, lead.region) if part)
    agreed = f"{lead.consent_source}, {date_format(lead.consent_at)}" if lead.consent_at else ""
    return [
        (_("Company"), lead.company),
        (_("Position"), lead.title),
        (_("Other phone"), lead.other_phone),
        (_("Other e-mail"), lead.other_email),
        (_("Address"), street),
        (_("Country"), lead.country),
        (_("Industry"), lead.industry),
        (_("Interested in"), lead.interest),
        (_("Came by"), " · ".join(filter(None, [str(lead.get_source_display()), lead.source_detail]))),
        (_("Campaign"), lead.campaign),
        (_("Agreed to be written to"), agreed or _("no")),
        (_("Do not call"), _("yes") if lead.do_not_call else ""),
        (_("Do not mail"), _("yes") if lead.do_not_email else ""),
        (_("Why lost"), " · ".join(filter(None, [str(lead.get_lost_reason_display()), lead.lost_note]))),
        (_("Visits of our website"), lead.visits or ""),
        (_("Reference elsewhere"), lead.external_ref or ""),
        *rules_of("lead").facts(lead),
    ]
