"""Who can see an account and why: told to whoever decides over it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from base.roles import role_required
from crm.accounts import services
from crm.accounts.forms import PersonChoiceField
from crm.accounts.models import READERS, Account
from crm.accounts.seeing import Why, access_to
from crm.accounts.ways import groups

FIRST = {"owner": _("The owner, and who leads them")}
LAST = {"nobody": _("Every rep: nobody has ever owned it"), "role": _("By their role")}


class WhoForm(forms.Form):
    """One person to ask about."""

    person = PersonChoiceField(label=_("Why can this person see it?"), queryset=None, empty_label=_("Choose a person"))

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        people = get_user_model().objects.order_by("username")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


@require_GET
@role_required(*READERS)
def access(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everybody who sees it, by why; `?person=` asks about one."""
    account: Account = get_object_or_404(Account.objects.visible_to(request.user).select_related("owner"), pk=pk)
    services.refuse_unheld(account, request.user)
    form, found = WhoForm(request.GET if request.GET.get("person") else None), access_to(account)
    context: dict[str, Any] = {"account": account, "form": form}
    if form.is_bound and form.is_valid():
        context["why"] = found.why(form.cleaned_data["person"])
    if request.headers.get("HX-Target") == "why":
        return render(request, "crm/accounts/_why.html", context)
    context["groups"] = grouped(found.everybody())
    return render(request, "crm/accounts/access.html", context)


def grouped(found: list[Why]) -> list[tuple[Any, list[Why]]]:
    """Each person once, by the first of their reasons: the owner, the ways in, what opens it to many."""
    labels = {**FIRST, **groups(), **LAST}
    order = list(labels)
    people: dict[str, list[Why]] = {by: [] for by in order}
    for one in found:
        people[min((reason.by for reason in one.see), key=order.index)].append(one)
    return [(labels[by], some) for by, some in people.items() if some]
