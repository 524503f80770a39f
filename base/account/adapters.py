"""Where allauth asks the house: no sign-up, secrets encrypted, one rule for how recently one proved who one is."""

import base64
import hashlib
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from base.stepup import confirmed_recently, needs_second_factor

SILENT = ("account/messages/logged_in.txt", "account/messages/logged_out.txt")


class AccountAdapter(DefaultAccountAdapter):
    """Users are made by admins; a sign-in counts as proof for the next minutes."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        return not confirmed_recently(context.request)

    def add_message(self, request: Any, level: int, message_template: Any = None, *args: Any, **kwargs: Any) -> None:
        """That one has signed in one sees."""
        if message_template not in SILENT:
            super().add_message(request, level, message_template, *args, **kwargs)

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        messages.error(request, _("This user is switched off. Ask an admin."))
        return redirect("login")


class FactorAdapter(DefaultMFAAdapter):
    """Second factors: seeds are encrypted, admins keep one while the house asks for it."""

    def get_totp_issuer(self) -> str:
        return f"Heming {settings.SIDE.upper()}"

    def get_totp_label(self, user: Any) -> str:
        return str(user.get_username())

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if not needs_second_factor(authenticator.user):
            return True
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        return others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()

    def build_totp_svg(self, url: str) -> str:
        """The code as one path, without a style attribute, which the content policy would refuse."""
        code = qrcode.QRCode(border=2)
        code.add_data(url)
        rows = code.get_matrix()
        path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
        size = len(rows)
        box = f'viewBox="0 0 {size} {size}" shape-rendering="crispEdges"'
        ground = f'<rect width="{size}" height="{size}" fill="#fff"/>'
        return f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" {box}>{ground}<path d="{path}" fill="#000"/></svg>'


def _cipher() -> MultiFernet:
    """A key of the side's own secret, and of former ones so that a rotation locks nobody out."""
    secrets = [settings.SECRET_KEY, *getattr(settings, "SECRET_KEY_FALLBACKS", [])]
    keys = [hashlib.sha256(b"second factors\x00" + secret.encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
