"""Papers on the pages of vouchers and entries: kept, fetched, taken away."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from base.refusals import BadInput, Refused
from base.roles import role_required
from erp.ledger import attaching
from erp.ledger.models import Attachment, JournalEntry, Voucher
from erp.ledger.roles import READERS, WRITERS


@require_POST
@role_required(*WRITERS)
def attach_to_voucher(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a file with a voucher."""
    return _attach(request, get_object_or_404(Voucher.objects.visible_to(request.user), pk=pk))


@require_POST
@role_required(*WRITERS)
def attach_to_entry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a file with what is posted."""
    return _attach(request, get_object_or_404(JournalEntry.objects.visible_to(request.user), pk=pk))


@require_GET
@role_required(*READERS)
def paper(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The file itself, for whoever may read the entry."""
    return send(get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk))


@require_POST
@role_required(*WRITERS)
def take_away(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Off a voucher that is not posted."""
    found = get_object_or_404(Attachment.objects.visible_to(request.user).for_list(), pk=pk)
    try:
        attaching.take_away(found, request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("{name} is taken away.").format(name=found.filename))
    return redirect(found.voucher or found.entry)


def send(found: Attachment) -> HttpResponse:
    """Always as a file to keep: nothing that somebody sent in is shown by the browser in our name."""
    answer = HttpResponse(bytes(found.body), content_type=found.media_type)
    answer["Content-Disposition"] = content_disposition_header(True, found.filename)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _attach(request: HttpRequest, to: Voucher | JournalEntry) -> HttpResponse:
    file = request.FILES.get("file")
    try:
        if file is None:
            raise BadInput(why=_("Choose a file."), field="file")
        kept = attaching.attach(to, file.name or "", file.chunks(), request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("{name} is kept.").format(name=kept.filename))
    return redirect(to)
