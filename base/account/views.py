"""Pages of one's own account: how pages are, passwords, where one is signed in, and the page after too many guesses."""

from typing import Any
from uuid import UUID

from allauth.mfa.base.views import IndexView
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from base.account import sessions
from base.account.forms import ForgottenForm, PreferencesForm
from base.stepup import needs_second_factor, step_up_required


@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """One's language, time zone and light."""
    form = PreferencesForm(request.user, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "account/preferences.html", {"form": form}, status=422 if form.is_bound else 200)
    form.save()
    with translation.override(form.cleaned_data["language"] or None):
        messages.success(request, _("Saved."))
    return redirect("account:preferences")


@login_required
def session_list(request: HttpRequest) -> HttpResponse:
    """Where one is signed in; this browser is marked."""
    mine = sessions.sign_ins().filter(user=request.user).alive()
    return render(
        request, "account/sessions.html", {"rows": list(mine), "here": request.session.session_key, "person": None}
    )


@login_required
@require_POST
@step_up_required
def session_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Sign one browser out: one's own, or as an admin anybody's."""
    row = get_object_or_404(sessions.sign_ins().visible_to(request.user).select_related("user"), pk=pk)
    here = row.session_key == request.session.session_key
    sessions.end(sessions.sign_ins().filter(pk=row.pk))
    if here:
        return redirect("login")
    messages.success(request, _("{device} is signed out.").format(device=row.device))
    return redirect("account:sessions")


@login_required
@require_POST
@step_up_required
def session_end_others(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    count = sessions.end_of(request.user, but=request.session.session_key)
    text = ngettext("%(count)d other browser is signed out.", "%(count)d other browsers are signed out.", count)
    messages.success(request, text % {"count": count})
    return redirect("account:sessions")


class Security(IndexView):
    """Passkeys, the authenticator app, recovery codes; says so where a second factor is missing."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told: dict[str, Any] = super().get_context_data(**kwargs)
        told["needs_factor"] = needs_second_factor(self.request.user) and not told["is_mfa_enabled"]
        return told


class PasswordChange(auth.PasswordChangeView):
    """A new password signs one out everywhere else."""

    template_name = "account/password.html"
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        before = self.request.session.session_key
        response = super().form_valid(form)
        sessions.sign_ins().filter(session_key=before).delete()
        sessions.note(self.request, self.request.user)
        sessions.end_of(self.request.user, but=self.request.session.session_key)
        messages.success(self.request, _("The new password counts. All other browsers are signed out."))
        return response


class Forgotten(auth.PasswordResetView):
    """Who forgot their password gets a link by mail."""

    template_name = "account/forgotten.html"
    email_template_name = "account/mail/forgotten.txt"
    subject_template_name = "account/mail/forgotten_subject.txt"
    form_class = ForgottenForm
    success_url = reverse_lazy("account:forgotten_sent")
    extra_email_context = {"side": settings.SIDE}


class ForgottenSent(auth.PasswordResetDoneView):
    template_name = "account/forgotten_sent.html"


class NewPassword(auth.PasswordResetConfirmView):
    """The link of the mail leads here; it works once, and signs out whoever was signed in."""

    template_name = "account/new_password.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        sessions.end_of(form.user)
        messages.success(self.request, _("The new password counts. Sign in with it."))
        return response


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: Any = None) -> HttpResponse:
    """Too many guesses: say so, and how long to wait."""
    username = (credentials or {}).get("username") or request.POST.get("username", "")
    tried = AccessAttempt.objects.filter(username=username, ip_address=sessions.client_ip(request))
    last = tried.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    wait = last + settings.AXES_COOLOFF_TIME - timezone.now()
    minutes = max(1, -int(-wait.total_seconds() // 60))
    text = ngettext(
        "Too many attempts. Wait %(minutes)d minute, or ask an admin to unlock you.",
        "Too many attempts. Wait %(minutes)d minutes, or ask an admin to unlock you.",
        minutes,
    ) % {"minutes": minutes}
    headers = {"Retry-After": str(minutes * 60)}
    if "application/json" in request.headers.get("Accept", ""):
        body = {"type": "/problems/locked-out", "title": text, "status": 429, "detail": text, "code": "locked-out"}
        return JsonResponse(body, status=429, headers=headers, content_type="application/problem+json")
    answer = render(request, "account/locked.html", {"text": text}, status=429)
    answer.headers["Retry-After"] = headers["Retry-After"]
    return answer
