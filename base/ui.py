"""What every page needs besides its own content: navigation, the user's preferences, and the gallery of components."""

from collections.abc import Hashable
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from base import fragments
from base.gallery import samples
from base.roles import has_role, rights_of
from base.standing import standing_of

# The same word has the same colour everywhere. Words not listed are quiet.
TONES = {
    "good": "accepted approved booked completed paid posted settled solved won applied on active published delivered "
    "done",
    "info": "new open promised shipped invoiced issued received dispatched authorised qualified consumed live emitted "
    "running",
    "warn": "held waiting pending partly_paid reported requested observed backorder retiring due next paused duplicate",
    "bad": "refused overdue failed failing parked lost revoked rejected blocked quarantined error",
}
YEAR_S = 31_536_000
_PLACES: fragments.Memory[list[dict[str, Any]]] = fragments.Memory(200)
_TONE_BY_WORD = {word: tone for tone, words in TONES.items() for word in words.split()}


def tone_of(status: str) -> str:
    """The colour role of a state's name.

    >>> tone_of("paid"), tone_of("Held"), tone_of("draft")
    ('good', 'warn', 'quiet')
    """
    return _TONE_BY_WORD.get(status.lower(), "quiet")


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the places of this side that exist and that the user may enter, the current one marked.

    `frame` is the shell that error pages keep around them; `deeds` are what the palette offers besides: things to
    begin, and places one step further in. `places_key` says which places these are, `current` which of them is marked:
    keys of the pieces that show them (`base.fragments`).
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": []}
    rights = rights_of(user)
    items = [{**item, "active": False} for item in _open_to(user, rights, "NAVIGATION")]
    current = _mark_current(items, request)
    return {
        "frame": "ui/shell.html",
        "navigation": items,
        "deeds": SimpleLazyObject(lambda: _open_to(user, rights, "DEEDS")),
        "places_key": rights,
        "given": standing_of(user).given if user.is_authenticated else frozenset(),
        "current": current,
    }


def _open_to(user: Any, rights: Hashable, name: str) -> list[dict[str, Any]]:
    """The places of a setting; looked up once for everybody who may do the same."""

    def found() -> list[dict[str, Any]]:
        return [
            {**place, "url": url}
            for place in getattr(settings, name)
            if (url := url_of(place["url_name"])) and (not place.get("roles") or has_role(user, *place["roles"]))
        ]

    return _PLACES.made((name, rights, *fragments.surroundings()), found)


def url_of(name: str, *args: Any) -> str:
    """The address of a named view, empty while no domain answers to the name."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _mark_current(items: list[dict[str, Any]], request: HttpRequest) -> str:
    """The longest address that the page's begins with; else the first place of the page's own domain."""
    nearest = max((item for item in items if _holds(item["url"], request.path)), key=_length, default=None)
    match = request.resolver_match
    if nearest is None and match and match.app_name:
        nearest = next((item for item in items if item["url_name"].split(":")[0] == match.app_name), None)
    if nearest is None:
        return ""
    nearest["active"] = True
    return str(nearest["url_name"])


def _holds(url: str, path: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))


def _length(item: dict[str, Any]) -> int:
    return len(item["url"])


class PreferencesForm(forms.Form):
    """What a person may set about the looks; a missing field leaves the setting as it is."""

    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)
    theme = forms.ChoiceField(choices=[("device", ""), ("light", ""), ("dark", "")], required=False)
    rows = forms.ChoiceField(choices=[("small", ""), ("large", "")], required=False)


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember language and theme with the user, for guests in a cookie; the height of rows is this screen's own."""
    form = PreferencesForm(request.POST)
    response = redirect(_back(request))
    if not form.is_valid():
        return response
    language, theme = form.cleaned_data["language"], form.cleaned_data["theme"].replace("device", "")
    for name, value in ((settings.LANGUAGE_COOKIE_NAME, language), ("rows", form.cleaned_data["rows"])):
        if value:
            secure = settings.LANGUAGE_COOKIE_SECURE
            response.set_cookie(name, value, max_age=YEAR_S, samesite="Lax", secure=secure)
    user: Any = request.user
    if user.is_authenticated:
        if language:
            user.language = language
        if form.cleaned_data["theme"]:
            user.theme = theme
        user.save(update_fields=["language", "theme"])
    return response


def _back(request: HttpRequest) -> str:
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        parts = urlsplit(referer)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return "/"


def gallery(request: HttpRequest) -> HttpResponse:
    """All components on one page, to look at while changing them; only served with DEBUG."""
    return render(request, "ui/gallery.html", {**samples(), "gallery_shell": side_shell()})


def side_shell() -> str:
    """The frame of this side, for pages that every side has."""
    return {"crm": "ui/shell_crm.html", "erp": "ui/shell_erp.html"}.get(settings.SIDE, "ui/shell_hub.html")


app_name = "ui"
urlpatterns: list[URLPattern] = [path("preferences/", preferences, name="preferences")]
if settings.DEBUG:
    urlpatterns.append(path("", gallery, name="gallery"))
