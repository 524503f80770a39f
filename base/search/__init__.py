"""One search over a side's records: each domain registers what it can find in its `search.py`.

    register(Provider("orders", _("Orders"), "clipboard-list", find, title, note, "orders:list"))

A provider's `find` starts from what this person may see (the model's `visible_to`, or the roles of its pages), so that
search never tells more than the lists do; notes name no price, cost or credit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.http import urlencode

from base.roles import has_role
from base.ui import url_of

IN_PALETTE = 5
ON_PAGE = 20
LONGEST = 100


@dataclass(frozen=True)
class Provider:
    """What one domain can find, and how a hit is shown."""

    key: str
    label: Any
    icon: str
    find: Callable[[Any, str], QuerySet[Any]]  # (user, text) → rows the user may see, best first
    title: Callable[[Any], Any] = str
    note: Callable[[Any], Any] = lambda row: ""
    rank: int = 50  # lower ones stand first
    list_url: str = ""  # the name of the list that takes the same words as ?q=
    url: Callable[[Any], str] = lambda row: row.get_absolute_url()


@dataclass(frozen=True)
class Hit:
    """One record found."""

    id: str
    title: str
    note: str
    url: str


@dataclass(frozen=True)
class Group:
    """What one provider found; `more_url` leads to its whole list, when there is more."""

    key: str
    label: Any
    icon: str
    hits: list[Hit]
    more_url: str


_providers: dict[str, Provider] = {}


def register(provider: Provider) -> None:
    """Add a domain's records to the search of its side."""
    assert provider.key not in _providers, f"{provider.key} is registered twice"
    _providers[provider.key] = provider


def registered() -> list[Provider]:
    """All providers of this side by rank, then in the order of its domains."""
    return sorted(_providers.values(), key=lambda provider: provider.rank)


def only_for(user: Any, roles: tuple[str, ...], rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows for people in these roles, nothing for others; for models whose pages ask for a role only."""
    return rows if has_role(user, *roles) else rows.none()


def search(user: Any, text: str, limit: int, providers: list[Provider] | None = None) -> list[Group]:
    """What the person may see and the words fit, group by group, empty ones left out; by all providers, or by these."""
    words = clean(text)
    if not _long_enough(words):
        return []
    asked = registered() if providers is None else providers
    groups = (_group(provider, user, words, limit) for provider in asked)
    return [group for group in groups if group.hits]


def clean(text: str) -> str:
    """The words as they are looked for: no control characters, not too many.

    >>> clean("  Alfreds\\x00  \\n Futterkiste ")
    'Alfreds Futterkiste'
    """
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[:LONGEST]).split())


def _long_enough(words: str) -> bool:
    """Two letters, or one sign of a script where one says something.

    >>> _long_enough("a"), _long_enough("ab"), _long_enough("和"), _long_enough("")
    (False, True, True, False)
    """
    return len(words) > 1 or words > "\u2e80"


def _group(provider: Provider, user: Any, words: str, limit: int) -> Group:
    rows = list(provider.find(user, words)[: limit + 1])
    hits = [
        Hit(str(row.pk), str(provider.title(row)), str(provider.note(row)), provider.url(row)) for row in rows[:limit]
    ]
    more_url = ""
    if provider.list_url and len(rows) > limit:
        more_url = f"{url_of(provider.list_url)}?{urlencode({'q': words})}"
    return Group(provider.key, provider.label, provider.icon, hits, more_url)


@login_required
def page(request: HttpRequest) -> HttpResponse:
    """All that was found, on a page of its own; works without scripts."""
    text = request.GET.get("q", "")
    facts = {"text": clean(text), "groups": search(request.user, text, ON_PAGE)}
    return render(request, "ui/search.html", facts)


@login_required
def hits(request: HttpRequest) -> HttpResponse:
    """The same in brief, for the palette."""
    groups = [
        {
            "key": group.key,
            "label": str(group.label),
            "icon": group.icon,
            "hits": [{"title": hit.title, "note": hit.note, "url": hit.url} for hit in group.hits],
        }
        for group in search(request.user, request.GET.get("q", ""), IN_PALETTE)
    ]
    return JsonResponse({"groups": groups})


app_name = "search"
urlpatterns = [path("", page, name="page"), path("hits/", hits, name="hits")]
