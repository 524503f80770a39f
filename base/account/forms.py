"""Forms of sign-in, of passwords, and of how the pages are for oneself."""

from typing import Any

from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from base.zones import ZoneField


class SignInForm(LoginForm):
    """User name and password."""

    def add_prefix(self, field_name: str) -> str:
        """The field is called `username`, as browsers and programs know it."""
        return super().add_prefix("username" if field_name == "login" else field_name)


class Guarded:
    """Codes can be guessed like passwords, so they count against the same lock."""

    user: Any

    def clean_code(self) -> str:
        request, credentials = context.request, {"username": self.user.get_username()}
        if not AxesProxyHandler.is_allowed(request, credentials):
            request.axes_locked_out, request.axes_credentials = True, credentials
            raise forms.ValidationError(_("Too many attempts."))
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except forms.ValidationError:
            AxesProxyHandler.user_login_failed(type(self), credentials, request)
            raise
        return code


class CodeForm(Guarded, AuthenticateForm):
    """The second step of a sign-in."""


class CodeAgainForm(Guarded, ReauthenticateForm):
    """A code before a dangerous step."""


class ForgottenForm(PasswordResetForm):
    """Asks for a link by mail; the answer is the same whether the address is known or not."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """In the reader's language, whoever asked."""
        user = args[2]["user"] if len(args) > 2 else kwargs["context"]["user"]
        with translation.override(user.language or translation.get_language()):
            super().send_mail(*args, **kwargs)


class PreferencesForm(forms.Form):
    """How the pages are for this person: their words, their clock, their light."""

    language = forms.ChoiceField(label=_("Language"), choices=[("", _("As the browser")), *settings.LANGUAGES])
    time_zone = ZoneField(help_text=_("Days and hours are shown, and days begin, by this clock."))
    theme = forms.ChoiceField(label=_("Appearance"))
    all_optional = True

    def __init__(self, person: Any, data: Any = None) -> None:
        self.person = person
        super().__init__(data, initial={name: getattr(person, name) for name in self.base_fields})
        theme: Any = self.fields["theme"]
        theme.choices = person._meta.get_field("theme").choices
        for field in self.fields.values():
            field.required = False

    def save(self) -> None:
        """Remember it with the person."""
        for name, value in self.cleaned_data.items():
            setattr(self.person, name, value)
        self.person.save(update_fields=list(self.cleaned_data))
