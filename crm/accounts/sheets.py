"""Small forms that open as a sheet over the page, and as a page of their own where there is no JavaScript.

The form's `idempotency_key` becomes the id of what it makes, so that a doubled submit makes one thing.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from base.refusals import Refused


def form_key(request: HttpRequest) -> UUID | None:
    """The key the form was sent with, if it is one."""
    try:
        return UUID(request.POST.get("idempotency_key", ""))
    except ValueError:
        return None


def add_refusal(form: forms.BaseForm, refusal: Refused) -> None:
    """Show the refusal at its field, or over the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def quick_form(
    request: HttpRequest,
    form: forms.BaseForm,
    *,
    title: Any,
    save: Callable[[dict[str, Any]], Any],
    back: str,
    done: Any = "",
    submit: Any = "",
    go: Callable[[Any], str] | None = None,
    remove: tuple[str, Any] | None = None,
    live: str = "",
    other: tuple[str, Any] | None = None,
) -> HttpResponse:
    """Show the form, or save it: then the sheet closes and live parts of the page below refresh themselves.

    `go` names the page that shows what was made, when the user should land there; `done` is said in a toast.
    `remove` is address and label of a button that takes the thing away.
    `other` is address and label of a way to what the form does not offer.
    `live` is asked, while people type, what it has to say of what they typed so far.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = save(form.cleaned_data)
            except Refused as refusal:
                add_refusal(form, refusal)
            else:
                return _saved(request, go(made) if go else "", back, str(done))
    page = "crm/accounts/_sheet.html" if request.headers.get("HX-Request") else "crm/accounts/sheet.html"
    context = {
        "form": form, "title": title, "submit": submit, "back": back, "remove": remove, "live": live, "other": other,
    }  # fmt: skip
    return render(request, page, context, status=status)


def _saved(request: HttpRequest, target: str, back: str, done: str) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        if done:
            messages.success(request, done)
        return redirect(target or back)
    if target:
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    told: dict[str, Any] = {"close-sheet": True, "changed": True}
    if done:
        told["toast"] = {"text": done, "tone": "good"}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
