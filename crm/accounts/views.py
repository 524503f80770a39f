"""Pages of accounts and contacts."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from base.listing.acting import offer_undo
from base.listing.bulk import remembering
from base.listing.views import show
from base.refusals import NotAllowed, Refused
from base.roles import role_required
from crm.accounts import panels, pool, services
from crm.accounts.custom_values import rules_of
from crm.accounts.forms import AccountForm, ContactForm, NewAccountForm
from crm.accounts.lists import ACCOUNTS, CONTACTS
from crm.accounts.models import READERS, Account, Contact, Merge, MergeKind, PoolAccount
from crm.accounts.sheets import add_refusal, form_key, quick_form
from crm.accounts.tag_lists import chips


@require_GET
@role_required(*READERS)
def account_list(request: HttpRequest) -> HttpResponse:
    """All accounts by name, narrowed by what was searched and chosen."""
    return show(request, ACCOUNTS)


@require_GET
@role_required(*READERS)
def all_contacts(request: HttpRequest) -> HttpResponse:
    """Everybody we talk with, wherever they work."""
    return show(request, CONTACTS)


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def account_new(request: HttpRequest) -> HttpResponse:
    """A new account in a few fields; whoever makes it owns it."""
    key, user = form_key(request), request.user

    def save(typed: dict[str, Any]) -> Account:
        name, person = typed["name"], typed.pop("contact_name")
        contact = {"name": person, "phone": typed["phone"], "email": typed["email"]}
        kind = "company" if person != name else "person"
        return services.create_account(
            **typed, kind=kind, owner=user, contacts=[contact] if person.strip() else [], id=key
        )

    return quick_form(
        request,
        NewAccountForm(
            request.POST if request.method == "POST" else None, initial={"name": request.GET.get("name", "")}
        ),
        title=_("New account"),
        submit=_("Create"),
        save=save,
        back=reverse("accounts:list"),
        go=lambda account: account.get_absolute_url(),
    )


@require_GET
@role_required(*READERS)
def account_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything about one account on one page; the address of one that was merged, or lies in the pool, leads on."""
    try:
        account = _account(request, pk)
    except Http404:
        merged = Merge.objects.visible_to(request.user).standing().filter(loser=pk, kind=MergeKind.ACCOUNT).first()
        if merged is None:
            if PoolAccount.objects.visible_to(request.user).filter(pk=pk).exists():
                return redirect("accounts:pool_account", pk)
            pool.refuse_if_taken(pk)
            raise
        return redirect("accounts:detail", merged.winner)
    contacts = list(account.contacts.all())
    facts = panels.facts(request, account)
    context = {
        "account": account,
        "facts_revision": panels.revision(facts),
        "reach": account.phone or next((contact.phone for contact in contacts if contact.phone), ""),
        "may_write": account.writable_by(request.user),
        "may_decide": account.held_by(request.user),
        "facts": facts,
        "actions": panels.actions(),
        "main": panels.sections(request, account, "main"),
        "aside": panels.sections(request, account, "aside"),
        "contacts": contacts,
        "details": _details(account),
        "tag_chips": chips(account),
    }
    return render(request, "crm/accounts/detail.html", context)


@require_GET
@role_required(*READERS)
def fact_list(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The figures in the head of the page as they are now; 204 while they are the same."""
    account = _account(request, pk)
    made = panels.facts(request, account)
    revision = panels.revision(made)
    if request.GET.get("revision") == revision:
        return HttpResponse(status=204)
    context = {"account": account, "facts": made, "facts_revision": revision}
    return render(request, "crm/accounts/_facts.html", context)


@require_GET
@role_required(*READERS)
def contact_list(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The contacts of the account page, asked for again after a change."""
    account = _account(request, pk)
    context = {
        "account": account,
        "contacts": list(account.contacts.all()),
        "may_write": account.writable_by(request.user),
    }
    return render(request, "crm/accounts/_contacts.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def account_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what we know of an account."""
    account = _writable(request, pk)
    form = AccountForm(
        request.POST if request.method == "POST" else None, instance=account, initial={"version": account.version}
    )
    if not account.held_by(request.user):
        del form.fields["owner"]
    if request.method == "POST" and form.is_valid():
        try:
            with remembering(ACCOUNTS, request.user, "assign", account) as outcome:
                services.update_account(account, **form.cleaned_data)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            if not offer_undo(request, outcome):
                messages.success(request, _("Saved."))
            still_seen = Account.objects.visible_to(request.user).filter(pk=pk).exists()
            return redirect(account if still_seen else "accounts:list")
    status = 422 if form.errors else 200
    name = Account.objects.visible_to(request.user).values_list("name", flat=True).get(pk=pk)
    return render(request, "crm/accounts/edit.html", {"form": form, "account": account, "name": name}, status=status)


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def contact_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Somebody more who works there."""
    account, key = _writable(request, pk), form_key(request)
    return quick_form(
        request,
        ContactForm(request.POST if request.method == "POST" else None),
        title=_("New contact"),
        save=lambda typed: services.add_contact(account, id=key, **typed),
        back=account.get_absolute_url(),
        done=_("Contact added."),
    )


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def contact_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what we know of a contact."""
    contact = _contact(request, pk)
    return quick_form(
        request,
        ContactForm.of(contact, request.POST if request.method == "POST" else None),
        title=contact.name,
        save=lambda typed: services.update_contact(contact, **typed),
        back=contact.account.get_absolute_url(),
        done=_("Saved."),
        remove=(reverse("accounts:contact_remove", args=[contact.pk]), _("Remove contact")),
        other=(reverse("accounts:contact_merge", args=[contact.pk]), _("Merge with another contact…")),
    )


@require_POST
@role_required(*READERS)
def contact_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """They work there no more."""
    contact = _contact(request, pk)
    services.remove_contact(contact)
    messages.success(request, _("{name} was removed.").format(name=contact.name))
    return redirect(contact.account)


def _account(request: HttpRequest, pk: UUID) -> Account:
    account: Account = get_object_or_404(Account.objects.visible_to(request.user).select_related("owner"), pk=pk)
    return account


def _writable(request: HttpRequest, pk: UUID) -> Account:
    account = _account(request, pk)
    if not account.writable_by(request.user):
        raise NotAllowed()
    return account


def _contact(request: HttpRequest, pk: UUID) -> Contact:
    visible = Account.objects.visible_to(request.user)
    contact: Contact = get_object_or_404(
        Contact.objects.visible_to(request.user).select_related("account"), pk=pk, account__in=visible
    )
    if not contact.account.writable_by(request.user):
        raise NotAllowed()
    return contact


def _details(account: Account) -> list[tuple[Any, Any]]:
    """The rest of what we know, label and value; empty ones are left out by the page."""
    street = ", ".join(
        part for part in (account.street, f"{account.postal_code} {account.city}".strip(), account.region) if part
    )
    terms = _("{days} days").format(days=account.payment_terms_days) if account.payment_terms_days is not None else ""
    return [
        (_("Address"), street),
        (_("Country"), account.country),
        (_("Industry"), account.industry),
        (_("Tax id"), account.tax_id),
        (_("Party code"), account.party_code),
        (_("Payment terms"), terms),
        (_("Commercial tier"), account.commercial_tier),
        (_("Reference elsewhere"), account.external_ref or ""),
        *rules_of("account").facts(account),
    ]
