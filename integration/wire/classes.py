"""The classes of what a side refuses at its door, in words of the people who read them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

CLASSES: dict[str, Any] = {
    "unauthorised": _("signature does not hold"),
    "media-type": _("not JSON, or packed"),
    "too-large": _("too large"),
    "not-the-owner": _("not its sender's to tell"),
    "not-the-audience": _("not meant for us"),
    "quarantined": _("cannot be read"),
    "sequence-gap": _("a number is missing or comes again"),
    "id-reused": _("an id with other bytes"),
    "intake-closed": _("intake is closed"),
    "too-many-waiting": _("too much waits here"),
    "bad-question": _("question cannot be answered"),
    "not-for-us": _("question for somebody else"),
}


def words_of(code: str) -> str:
    """The class in words; one that is new here by its name."""
    return str(CLASSES.get(code, code))
