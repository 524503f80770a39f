"""Standard Webhooks, v1: HMAC-SHA256 over `id.timestamp.body`; and how the secrets are kept.

A secret must be readable to sign with, so it cannot be a digest; it is sealed with a key derived from the side's secret
key, so that a copy of the database alone signs nothing.
"""

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.encoding import force_bytes
from django.utils.translation import gettext_lazy as _

from base.refusals import Refused

PREFIX = "whsec_"


class SecretLost(Refused):
    """The side's secret key was changed; nobody can read the endpoint's secret any more."""

    message = _("The signing secret cannot be read any more. Make a new one.")


def new_secret() -> str:
    """32 random bytes, as Standard Webhooks writes them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature of the `webhook-signature` header.

    >>> sign("whsec_" + base64.b64encode(b"k").decode(), "msg_1", 1, b"{}")[:3]
    'v1,'
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def seal(secret: str) -> str:
    """As it is stored."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """As it signs."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SecretLost() from None


def _box() -> Fernet:
    key = hashlib.sha256(b"webhook secrets:" + force_bytes(settings.SECRET_KEY)).digest()
    return Fernet(base64.urlsafe_b64encode(key))
