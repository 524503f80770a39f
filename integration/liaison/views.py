"""What the hub asks of this side's people, as a list of tasks."""

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.listing.views import show
from base.refusals import Refused
from base.roles import role_required
from integration.liaison import services
from integration.liaison.lists import AMENDMENTS
from integration.liaison.models import PEOPLE, Amendment

ROLES = PEOPLE[settings.SIDE]


class AnswerForm(forms.Form):
    """What was done about it."""

    answer = forms.CharField(
        label=gettext_lazy("What was done"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


def _shell() -> str:
    return {"crm": "ui/shell_crm.html", "erp": "ui/shell_erp.html"}.get(settings.SIDE, "ui/shell_hub.html")


@role_required(*ROLES)
def amendments(request: HttpRequest) -> HttpResponse:
    """What waits, and what is done."""
    return show(request, AMENDMENTS)


@role_required(*ROLES)
def amendment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Both values; mend it where it belongs, then say so here."""
    found = get_object_or_404(Amendment.objects.visible_to(request.user), pk=pk)
    form = AnswerForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                services.tick_off(pk, request.user, form.cleaned_data["answer"])
            except Refused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                messages.success(request, _("Ticked off. What you changed is on its way."))
                return redirect("liaison:amendments")
        status = 422
    context = {"amendment": found, "form": form, "shell": _shell()}
    return render(request, "integration/liaison/amendment.html", context, status=status)
