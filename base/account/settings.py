"""Settings of sign-in: who checks, how often one may guess, how mail leaves the house."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from base.env import env_bool, env_int, env_text

APPS = ["allauth", "allauth.account", "allauth.mfa", "axes"]


def account_settings(side: str, var: Path) -> dict[str, Any]:
    """What allauth, axes and Django's password pages read."""
    return {
        "AUTHENTICATION_BACKENDS": [
            "axes.backends.AxesStandaloneBackend",
            "base.account.backends.SessionBackend",
        ],
        "REQUIRE_MFA": env_bool("REQUIRE_MFA", False),
        "STEP_UP_SECONDS": env_int("STEP_UP_SECONDS", 600),
        "PASSWORD_RESET_TIMEOUT": 24 * 3600,
        "SESSION_COOKIE_AGE": env_int("SESSION_DAYS", 14) * 24 * 3600,
        **_allauth(),
        **_axes(),
        **_mail(side, var),
    }


def _allauth() -> dict[str, Any]:
    return {
        "ACCOUNT_ADAPTER": "base.account.adapters.AccountAdapter",
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*", "password2*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_SESSION_REMEMBER": True,
        "ACCOUNT_FORMS": {"login": "base.account.forms.SignInForm"},
        # Guesses are counted by axes, in the database, for passwords and second factors alike.
        "ACCOUNT_RATE_LIMITS": False,
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": env_int("STEP_UP_SECONDS", 600),
        "MFA_ADAPTER": "base.account.adapters.FactorAdapter",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_FORMS": {
            "authenticate": "base.account.forms.CodeForm",
            "reauthenticate": "base.account.forms.CodeAgainForm",
        },
        "MFA_RATE_LIMITS": False,
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_TOTP_TOLERANCE": 1,
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": not env_bool("HEMING_HTTPS", False),
    }


def _axes() -> dict[str, Any]:
    return {
        "AXES_FAILURE_LIMIT": env_int("LOCKOUT_FAILURES", 5),
        "AXES_COOLOFF_TIME": timedelta(minutes=env_int("LOCKOUT_MINUTES", 15)),
        "AXES_LOCKOUT_PARAMETERS": [["username", "ip_address"]],
        "AXES_RESET_ON_SUCCESS": True,
        "AXES_DISABLE_ACCESS_LOG": True,
        "AXES_CLIENT_IP_CALLABLE": "base.account.sessions.client_ip",
        "AXES_LOCKOUT_CALLABLE": "base.account.views.locked_out",
        "AXES_VERBOSE": False,
    }


def _mail(side: str, var: Path) -> dict[str, Any]:
    """`EMAIL_URL=smtp://user:password@host:587/?tls` sends; without it mails are files in var/<side>/mail."""
    sender = {"DEFAULT_FROM_EMAIL": env_text("EMAIL_FROM", f"Heming {side.upper()} <noreply@localhost>")}
    url = urlsplit(env_text("EMAIL_URL", ""))
    if not url.scheme:
        return {
            **sender,
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": var / side / "mail",
        }
    return {
        **sender,
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": url.hostname or "localhost",
        "EMAIL_PORT": url.port or (465 if url.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_SSL": url.scheme == "smtps",
        "EMAIL_USE_TLS": "tls" in url.query,
        "EMAIL_TIMEOUT": 20,
    }
