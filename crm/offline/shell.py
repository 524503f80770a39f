"""What a phone needs to show the CRM without a connection: files by their digests, and one page that fills in forms."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.translation import gettext as _

FILES = (
    "vendor/htmx.js",
    "vendor/crm.css",
    "vendor/icons.svg",
    "js/ui.js",
    "js/palette.js",
    "js/queue.js",
    "js/drafts.js",
    "js/offline.js",
    "js/meter.js",
    "js/capture.js",
    "js/shell.js",
    "img/heming.svg",
    "img/heming-192.png",
)
ICONS = (("img/heming-192.png", "192x192", "any"), ("img/heming-512.png", "512x512", "any"),
         ("img/heming-512-maskable.png", "512x512", "maskable"))  # fmt: skip


def addresses() -> list[str]:
    """Where the shell's files are in this build."""
    return [static(name) for name in FILES]


def digest() -> str:
    """Changes when one of the files does; where files are served as they are written, it looks each time."""
    return _digest() if as_written() else _digest_once()


def as_written() -> bool:
    """Are files served from the source, under plain names, as in development?"""
    return bool(getattr(settings, "WHITENOISE_USE_FINDERS", False))


def source(name: str) -> str:
    """One of our scripts."""
    return Path(str(finders.find(name))).read_text(encoding="utf-8")


def _digest() -> str:
    found = hashlib.sha256()
    for name in (*FILES, "js/worker.js"):
        path = finders.find(name)
        found.update(name.encode() + (Path(str(path)).read_bytes() if path else b""))
    return found.hexdigest()


_digest_once = cache(_digest)


def manifest() -> dict[str, Any]:
    """How the CRM is installed on a phone."""
    return {
        "id": "/",
        "name": _("Heming CRM"),
        "short_name": "Heming",
        "description": _("Customers, deals and conversations."),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f5f6f8",
        "theme_color": "#0b7268",
        "icons": [
            {"src": static(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in ICONS
        ],
        "shortcuts": [
            {"name": _("Log a visit"), "url": "/log/?kind=visit"},
            {"name": _("New lead"), "url": "/leads/new/"},
        ],
    }
