"""This side's own signing keys, for its admins: make the next one, sign with it, retire one, take one out of trust.

As `./manage.py <side> keys` does it. The private half is made here and never leaves this side; all admins hear of it.
"""

import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from base.docs import side_shell
from base.notices import notify
from base.refusals import Refused
from base.roles import role_required
from base.stepup import ADMINS, step_up_required
from integration import keys
from integration.outbox import resigning

log = logging.getLogger(__name__)

STATES = {
    "next": gettext_lazy("next key"),
    "active": gettext_lazy("active"),
    "retiring": gettext_lazy("retiring"),
    "revoked": gettext_lazy("revoked"),
}


@role_required(*ADMINS)
def key_list(request: HttpRequest) -> HttpResponse:
    """Every key this side ever had, by what it proves, the newest first."""
    rows = key_rows()
    purposes = [
        {
            "name": purpose,
            "rows": [row for row in rows if row["purpose"] == purpose],
            "next": any(row["purpose"] == purpose and row["status"] == "next" for row in rows),
        }
        for purpose in keys.PURPOSES
    ]
    facts = {"shell": side_shell(), "purposes": purposes, "side": settings.SIDE}
    return render(request, "access/keys.html", facts)


def key_rows() -> list[dict[str, Any]]:
    """What a page and the API tell of this side's keys, the newest first."""
    pinned = {key.kid: key for key in keys.pinned_keys(Path(settings.JWKS_FILE))}
    own = keys.own_keys(settings.SIDE, Path(settings.JWKS_FILE))[::-1]
    return [_row(entry, pinned[entry["kid"]]) for entry in own]


@role_required(*ADMINS)
@require_POST
@step_up_required
def move(request: HttpRequest, step: str, which: str) -> HttpResponse:
    """One step of a key's life; `which` is a purpose for the next one, else a key's id."""
    try:
        done = _done(step, which)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        log.warning("signing key: %s %s by %s", step, which, request.user.get_username())
        words = format_lazy(gettext_lazy("{what} By {who}."), what=done, who=request.user.get_username())
        admins = get_user_model().objects.filter(groups__name__in=ADMINS, is_active=True)
        notify(admins.distinct(), words, reverse("signing_keys:list"), "warn" if step == "revoke" else "info")
        messages.success(request, str(done))
    return redirect("signing_keys:list")


def _done(step: str, which: str) -> Promise | str:
    side, folder, jwks = settings.SIDE, Path(settings.KEYS_DIR), Path(settings.JWKS_FILE)
    if step == "next":
        kid = keys.make_next(side, which, folder, jwks)
        return format_lazy(gettext_lazy("The next key {kid} is made; its signatures count from now on."), kid=kid)
    if step == "activate":
        keys.activate(side, which, folder, jwks)
        return format_lazy(gettext_lazy("{kid} signs from now on; the one before retires."), kid=which)
    if step == "retire":
        keys.retire(side, which, folder, jwks)
        return format_lazy(gettext_lazy("{kid} retires; what it has signed still counts."), kid=which)
    heir, told = resigning.revoke(which)
    words = gettext_lazy("{kid} is revoked; {heir} signs now, and {count} events are signed anew.")
    return format_lazy(words, kid=which, heir=heir or "–", count=told)


def _row(entry: dict[str, Any], key: keys.Key) -> dict[str, Any]:
    return {
        "kid": entry["kid"],
        "purpose": entry["purpose"],
        "status": entry["status"],
        "label": STATES[entry["status"]],
        "since": parse_datetime(entry.get(f"{entry['status']}_at", "") or ""),
        "fingerprint": key.fingerprint,
    }
