"""Naughty strings inside one side: forms, API, imports, exports; run by the proof `strings` and by the tests."""

import json
import logging
import sys
from typing import Any

from proofs._keeping import Tally
from proofs._strings_api import ApiWalk
from proofs._strings_forms import Walk
from proofs._strings_imports import ImportWalk, exports

SHOWN = ("template", "template of browsers", "script that closes", "attribute", "htmx", "formula", "script address")


def walk_forms(tally: Tally, user: Any, names: tuple[str, ...] = (), most: int = 0) -> Walk:
    """Every form of every page this user can reach; with `most`, so many of the forms of some pages."""
    walk = Walk(browser(user), tally, names, most)
    walk.crawl(["/"] if most else starts(), most * 4 or 10**6)
    walk.send()
    return walk


def walk_api(tally: Tally, user: Any, names: tuple[str, ...] = (), most: int = 0) -> ApiWalk:
    """Every text field of the API as this user."""
    from rest_framework.test import APIClient

    client = APIClient(raise_request_exception=False, SERVER_NAME=host())
    client.force_authenticate(user)
    walk = ApiWalk(client, tally, names, most)
    walk.send()
    return walk


def starts() -> list[str]:
    """The start page and every address without a variable."""
    from django.urls import get_resolver

    from proofs._access import _patterns

    return ["/", *sorted(address for address in set(_patterns(get_resolver(), "")) if "<" not in address)]


def browser(user: Any) -> Any:
    """A signed-in browser whose person has just proved who they are."""
    import time

    from django.test import Client

    from base.stepup import CONFIRMED_AT

    client = Client(raise_request_exception=False, SERVER_NAME=host())
    client.force_login(user, backend="base.account.backends.SessionBackend")
    session = client.session
    session[CONFIRMED_AT] = time.time() + 10**6
    session.save()
    return client


def host() -> str:
    """A name this side answers to."""
    from django.conf import settings

    return str(next((name for name in settings.ALLOWED_HOSTS if name not in ("*", "")), "testserver"))


def somebody() -> Any:
    """Who may do everything."""
    from django.contrib.auth import get_user_model

    return get_user_model().objects.filter(is_superuser=True).order_by("pk").first()


def tell(part: str) -> None:
    """Run inside `./manage.py <side> shell`: the tally of one part as the last line."""
    from django.conf import settings
    from django.test import override_settings

    logging.disable(logging.CRITICAL)
    tally, user = Tally(), somebody()
    more: dict[str, Any] = {}
    with override_settings(**{name: 10**9 for name in dir(settings) if name.startswith("API_RATE")}):
        if part == "forms":
            first = Walk(browser(user), Tally())
            first.crawl(starts())
            first.keep(("plain",))  # a new deal has forms that a won one has not
            walk = walk_forms(tally, user)
            walk.keep(SHOWN)
            more = {"forms": len(walk.forms)}
        elif part == "api":
            walk_api(tally, user)
        elif part == "imports":
            walk_imports(tally, user)
        elif part == "shown":
            more = {"exported": exports(browser(user), tally), **shown(tally, user)}
    sys.stdout.write("\n" + json.dumps({**tally.told, **more}) + "\n")


def walk_imports(tally: Tally, user: Any, names: tuple[str, ...] = (), most: int = 10**6) -> None:
    """Every text column of every resource."""
    ImportWalk(user, tally, names, most).send()


def shown(tally: Tally, user: Any) -> dict[str, Any]:
    """The pages that show what was sent, and a session to open them with."""
    from django.conf import settings

    client = browser(user)
    walk = Walk(client, tally)
    walk.crawl(starts())
    pages = [page for page in walk.pages if b"Zq" in client.get(page).content]
    return {
        "pages": pages,
        "cookie": [settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value],
    }
