"""What is done from a list: with many rows, with one cell, with all of it as a file."""

import json
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from base import context
from base.listing import bulk as many
from base.listing import editing, exporting
from base.listing.asking import Asked
from base.listing.cells import Cells
from base.listing.changing import listing_for
from base.listing.listing import Listing
from base.listing.table import edit_button
from base.recording import LENGTH
from base.refusals import Refused
from base.stepup import require_step_up


class RemarkForm(forms.Form):
    """What the histories of many rows say of the change."""

    remark = forms.CharField(label=gettext_lazy("Remark for the history"), max_length=LENGTH, required=False)


@require_POST
@login_required
def bulk(request: HttpRequest, name: str, action: str) -> HttpResponse:
    """First what must be told or confirmed, then the deed; the list shows itself anew."""
    listing = listing_for(request, name)
    deed = many.action_of(listing, request.user, action)
    if deed.asks_for_proof:
        require_step_up(request)
    asked = Asked.told(listing, request.user, request.POST.get("state", "").lstrip("?"))
    try:
        pks = many.chosen(asked, request.POST.getlist("ids"), all_matching=bool(request.POST.get("all")))
    except Refused as refusal:
        return _answer(request, listing, many.Outcome(str(deed.label), refused=[("", str(refusal))]))
    form_class = deed.form(request.user) if deed.form else None
    is_told = bool(request.POST.get("told"))
    form = form_class(request.POST if is_told else None, auto_id="bulk_%s") if form_class else None
    remark = RemarkForm(request.POST if is_told else None, auto_id="bulk_%s") if _takes_remark(listing, form) else None
    wrong = [one for one in (form, remark) if is_told and one is not None and not one.is_valid()]
    portions = many.portions(len(pks))
    if wrong or (not is_told and (form is not None or deed.confirm or portions)):
        facts = {
            "listing": listing, "action": deed, "form": form, "remark": remark, "count": listing.count(len(pks)),
            "portions": portions, "portion": f"{many.PORTION:,}",
            "ids": [] if request.POST.get("all") else request.POST.getlist("ids"), "state": asked.url(),
        }  # fmt: skip
        return render(request, "ui/listing/_bulk.html", facts, status=422 if is_told else 200)
    told = {field: request.POST.get(field) for field in (form.fields if form else ())}
    with context.because(remark.cleaned_data["remark"] if remark is not None and is_told else ""):
        outcome = many.carry_out(asked, deed, pks, told)
    return _answer(request, listing, outcome)


@require_POST
@login_required
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a change of many rows back."""
    outcome, listing = many.undo(request.user, pk, lambda: require_step_up(request))
    return _answer(request, listing, outcome)


def offer_undo(request: HttpRequest, outcome: many.Outcome) -> bool:
    """Say what was done to one row, with the way back beside it; False when there is nothing to take back."""
    if outcome.change is None:
        return False
    messages.success(request, outcome.label, extra_tags=str(outcome.change.pk))
    return True


@require_http_methods(["GET", "POST"])
@login_required
def cell(request: HttpRequest, name: str, pk: str, column: str) -> HttpResponse:
    """One cell as a field, and after saving as a cell again; the proof is asked for before anything is typed."""
    listing = listing_for(request, name)
    if editing.asks_for_proof(listing, request.user, column):
        require_step_up(request)
    data = request.POST if request.method == "POST" else None
    open_ = editing.open_cell(listing, request.user, pk, column, data)
    with context.because(_("Changed in the list")):
        saved = data is not None and editing.save_cell(listing, request.user, open_, data.get("version", ""))
    if saved:
        if listing.decorate:
            listing.decorate([open_.row])
        told = {"row-saved": {"pk": str(open_.row.pk), "version": listing.version_of(open_.row)}}
        inner = Cells(listing.model, request.POST.get("currency", "")[:3]).inner(open_.column, open_.row)
        return HttpResponse(edit_button(open_.column, inner), headers={"HX-Trigger": json.dumps(told)})
    facts = {
        "listing": listing,
        "cell": open_,
        "field": open_.form["value"],
        "version": listing.version_of(open_.row),
    }
    return render(request, "ui/listing/_cell.html", facts, status=422 if open_.error else 200)


@require_GET
@login_required
def export(request: HttpRequest, name: str, file_format: str) -> HttpResponse:
    """The list as a file."""
    listing = listing_for(request, name)
    asked = Asked(listing, request.user, request.GET or Asked.told(listing, request.user, "").given, request)
    return exporting.export(request, asked, file_format)


def _takes_remark(listing: Listing, form: forms.Form | None) -> bool:
    """May the dialog ask for a remark? Not where nothing keeps it, nor beside a field that asks why."""
    asked = form.fields if form is not None else ()
    return hasattr(listing.model, "history") and not any("why" in name or "reason" in name for name in asked)


def _answer(request: HttpRequest, listing: Listing, outcome: many.Outcome) -> HttpResponse:
    """What became of it, over the list that shows itself anew."""
    if request.headers.get("HX-Request"):
        answer = render(request, "ui/listing/_outcome.html", {"outcome": outcome, "listing": listing})
        answer["HX-Retarget"], answer["HX-Reswap"] = "#listing-outcome", "innerHTML"
        told: dict[str, Any] = {"close-sheet": True, "listing-changed": True}
        answer["HX-Trigger"] = json.dumps(told)
        return answer
    if outcome.job is not None:
        return redirect(outcome.job)
    messages.success(request, _("{label}: {count} done.").format(label=outcome.label, count=outcome.done))
    for row, why in outcome.refused:
        messages.error(request, f"{row}: {why}" if row else why)
    return redirect(listing.url)
