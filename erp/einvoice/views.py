"""Pages of e-invoicing: what came, with what it says and breaks; and our letterhead."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from base.forms import refuse
from base.listing.views import show
from base.refusals import Refused
from base.roles import has_role, role_required
from erp.einvoice import services
from erp.einvoice.forms import FileForm, LetterheadForm
from erp.einvoice.lists import RECEIVED
from erp.einvoice.models import Received
from erp.einvoice.roles import KEEPERS, READERS
from erp.einvoice.rules import Finding
from erp.ledger.services import company


@role_required(*READERS)
def received_list(request: HttpRequest) -> HttpResponse:
    """What suppliers sent, the last first."""
    return show(request, RECEIVED)


@role_required(*KEEPERS)
def receive(request: HttpRequest) -> HttpResponse:
    """A document is looked at (nothing is kept) or taken in (kept as it came, once)."""
    form, seen = FileForm(request.POST or None, request.FILES or None), None
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            if "check" in request.POST:
                seen = services.preview(upload.read())
            else:
                received = services.receive(upload.read(), upload.name, request.user)
                messages.success(request, _("{number} is received.").format(number=received.number))
                return redirect(received)
        except Refused as refusal:
            refuse(form, refusal)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "erp/einvoice/receive.html", {"form": form, "seen": seen}, status=status)


@role_required(*READERS)
def received(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a document says at the left; where it came from and what it breaks at the right."""
    found = _received(request, pk)
    facts = {
        "received": found,
        "invoice": found.invoice,
        "findings": [Finding(**told) for told in found.findings],
    }
    return render(request, "erp/einvoice/received.html", facts)


@role_required(*READERS)
def original(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The very bytes that came; never shown in the browser, for they are somebody else's."""
    found = _received(request, pk)
    answer = HttpResponse(bytes(found.body), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{found.pk}.{found.container}"'
    return answer


@role_required(*READERS)
def letterhead(request: HttpRequest) -> HttpResponse:
    """Who we are on invoices."""
    ours = company()
    form = LetterheadForm(request.POST or None, instance=services.letterhead_of(ours))
    may_write = has_role(request.user, *KEEPERS)
    if not may_write:
        for field in form.fields.values():
            field.disabled = True
    elif request.method == "POST" and form.is_valid():
        try:
            services.set_letterhead(ours, **form.told)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The letterhead is saved; it stands on invoices from now on."))
            return redirect("einvoice:letterhead")
    status = 422 if form.is_bound and form.errors else 200
    facts = {"form": form, "letterhead": services.letterhead_of(ours), "may_write": may_write}
    return render(request, "erp/einvoice/letterhead.html", facts, status=status)


def _received(request: HttpRequest, pk: UUID) -> Received:
    return get_object_or_404(Received.objects.visible_to(request.user).select_related("party"), pk=pk)
