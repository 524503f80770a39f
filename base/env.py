"""Read the environment and fail loudly: a missing or odd value stops the process with a sentence, not a guess."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent


class BadEnvironment(SystemExit):
    """The process cannot start with these settings; the text says which and why."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Cannot start: {why}")


def env_text(name: str, default: str | None = None) -> str:
    """The variable's value, its default, or a clear end."""
    value = os.environ.get(name, default)
    if value is None or value == "":
        if default is not None:
            return default
        raise BadEnvironment(f"{name} is not set (run `make run` once, or set it yourself).")
    return value


def env_bool(name: str, default: bool) -> bool:
    """`1 true yes on` or `0 false no off`, in any case."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise BadEnvironment(f"{name} must be true or false, not {value!r}.")


def env_int(name: str, default: int) -> int:
    """A whole number."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise BadEnvironment(f"{name} must be a whole number, not {value!r}.") from None


def env_list(name: str, default: str) -> list[str]:
    """Comma separated words."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def env_proxies(name: str, default: str) -> list[IPv4Network | IPv6Network] | None:
    """Addresses and networks of proxies, comma separated; None for `*`: whoever calls is one. As gunicorn reads it."""
    words = env_list(name, default)
    if "*" in words:
        return None
    try:
        return [ip_network(word) for word in words]
    except ValueError as fault:
        raise BadEnvironment(f"{name} must be addresses or networks such as 10.1.2.0/24, or *: {fault}.") from None


def var_dir() -> Path:
    """The folder of all state (databases, keys, logs): `HEMING_VAR`, or `var/` beside the code."""
    return Path(os.environ.get("HEMING_VAR") or ROOT / "var").resolve()


def database_url(side: str, role: str = "app") -> str:
    """The side's database address for the processes (`app`) or for migrations (`owner`)."""
    infix = "OWNER_" if role == "owner" else ""
    return env_text(f"{side.upper()}_{infix}DATABASE_URL")


def parse_database_url(url: str) -> dict[str, Any]:
    """Django's settings for one `postgresql://user:password@host:port/name?option=value` address."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise BadEnvironment("a database address must look like postgresql://user:password@host:port/name.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or 5432),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
