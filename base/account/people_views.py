"""Pages of the side's users, for its admins."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from base.account import people, sessions
from base.account.people_lists import PEOPLE, roles
from base.forms import refuse
from base.listing.views import show
from base.refusals import Refused
from base.roles import role_required
from base.stepup import ADMINS, step_up_required


class RolesForm(forms.Form):
    """Roles, and why."""

    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"), required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )
    why = forms.CharField(label=gettext_lazy("Why"), max_length=90)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = roles()  # type: ignore[attr-defined]


class InviteForm(RolesForm):
    """Whom, and what they may do."""

    username = forms.CharField(label=gettext_lazy("User name"), max_length=150)
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=150, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    field_order = ("username", "first_name", "last_name", "email", "roles", "why")

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        get_user_model().username_validator(name)
        return name


class WhyForm(forms.Form):
    """A reason."""

    why = forms.CharField(label=gettext_lazy("Why"), max_length=90)


@role_required(*ADMINS)
def people_list(request: HttpRequest) -> HttpResponse:
    """Everybody who has a user here."""
    return show(request, PEOPLE)


@role_required(*ADMINS)
@step_up_required
def person_new(request: HttpRequest) -> HttpResponse:
    """Invite somebody by mail."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        try:
            user = people.invite(request, told.pop("username"), told.pop("roles"), told.pop("why"), **told)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("An invitation is on its way to {email}.").format(email=user.email))
            return redirect("account:person", user.pk)
    return render(request, "account/invite.html", {"form": form}, status=422 if form.errors else 200)


@role_required(*ADMINS)
@step_up_required
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One user: roles, sessions, and the switch."""
    user = get_object_or_404(get_user_model(), pk=pk)
    given = list(user.groups.values_list("name", flat=True))
    form = RolesForm(request.POST or None, initial={"roles": given})
    if request.method == "POST" and form.is_valid():
        try:
            people.set_roles(user, form.cleaned_data["roles"], form.cleaned_data["why"])
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The roles are set."))
            return redirect("account:person", pk)
    facts = {
        "person": user,
        "form": form,
        "why_form": WhyForm(auto_id="switch_%s"),
        "rows": list(sessions.sign_ins().filter(user=user).alive()),
        "here": request.session.session_key,
        "side": settings.SIDE,
    }
    return render(request, "account/person.html", facts, status=422 if form.errors else 200)


@role_required(*ADMINS)
@require_POST
@step_up_required
def person_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Off: signed out everywhere at once. On: may sign in again."""
    user, form = get_object_or_404(get_user_model(), pk=pk), WhyForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why."))
    elif user.is_active:
        people.switch_off(user, request.user, form.cleaned_data["why"])
        messages.success(request, _("{name} is switched off and signed out everywhere.").format(name=user))
    else:
        people.switch_on(user, form.cleaned_data["why"])
        messages.success(request, _("{name} may sign in again.").format(name=user))
    return redirect("account:person", pk)


@role_required(*ADMINS)
@require_POST
@step_up_required
def person_unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget the wrong guesses."""
    user = get_object_or_404(get_user_model(), pk=pk)
    if people.unlock(user):
        messages.success(request, _("{name} may try again at once.").format(name=user))
    else:
        messages.info(request, _("{name} was not locked.").format(name=user))
    return redirect("account:person", pk)
