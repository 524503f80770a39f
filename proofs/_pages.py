"""Every page that a side can show, with records that exist: `./manage.py <side> shell` runs this inside a deployment.

The addresses are those of the URL resolver, so that no page can be forgotten; a page about a record is listed once for
each state that its records are in.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import islice, product
from typing import Any

from proofs._access import _patterns

VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
STATES, NAMED, TRIED = 5, 4, 60
# What is a file or for machines, what leaves, and Django's own administration, which is not ours to draw.
NO_PAGES = ("/admin/", "/api/v1/", "/api/schema/", "/static/", "/logout/", "/metrics", "/healthz", "/readyz")


def tell(role: str) -> None:
    """All pages that a user in the role may open, as a JSON list of [address, kind] on the last line."""
    sys.stdout.write(json.dumps(list(_pages(_client(role)))) + "\n")


def _client(role: str) -> Any:
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client(raise_request_exception=False, HTTP_HOST="127.0.0.1")
    if role:
        client.force_login(get_user_model().objects.filter(groups__name=role).earliest("pk"))
    return client


def _pages(client: Any) -> Iterator[tuple[str, str]]:
    from django.urls import get_resolver

    seen = set()
    for pattern in sorted(set(_patterns(get_resolver(), ""))):
        if pattern.startswith(NO_PAGES):
            continue
        for address in _filled(pattern):
            if (kind := _kind(client, address)) and address not in seen:
                seen.add(address)
                yield address, kind


def _kind(client: Any, address: str) -> str:
    """A whole page, what opens as a sheet over one, or neither."""
    for kind, mark, headers in (("page", "<html", {}), ("sheet", "sheet__body", {"HX-Request": "true"})):
        answer = client.get(address, headers=headers)
        shown = answer.status_code == 200 and answer["Content-Type"].startswith("text/html") and not answer.streaming
        if shown and mark in answer.content.decode():
            return kind
    return ""


def _filled(pattern: str) -> Iterator[str]:
    """The pattern with real values; of a record's pages one for each state of the first kind of record that fits."""
    names = VARIABLE.findall(pattern)
    if not names:
        yield pattern
        return
    if names[0] == "label":
        yield from (_put(pattern, record) for record in _with_history())
        return
    first = _values(names[0], pattern)
    rest = [[value for group in _values(name, pattern) for value in group][:NAMED] for name in names[1:]]
    for group in first:
        found = [
            address for values in islice(product(group, *rest), TRIED) if _exists(address := _put(pattern, values))
        ]
        if found:
            yield from found[:STATES] if not rest else found
            return


def _put(pattern: str, values: Iterable[str]) -> str:
    left = iter(values)
    return VARIABLE.sub(lambda _found: next(left), pattern)


def _exists(address: str) -> bool:
    """A view answers to it, and it is about something: a missing record is a 404 whoever asks."""
    from django.urls import Resolver404, resolve

    try:
        match = resolve(address)
    except Resolver404:
        return False
    return bool(match) and _client_of_all().get(address).status_code not in (404, 405)


def _client_of_all() -> Any:
    from django.contrib.auth import get_user_model
    from django.test import Client

    if not hasattr(_client_of_all, "client"):
        client = Client(raise_request_exception=False, HTTP_HOST="127.0.0.1")
        client.force_login(get_user_model().objects.filter(is_superuser=True).earliest("pk"))
        _client_of_all.client = client  # type: ignore[attr-defined]
    return _client_of_all.client  # type: ignore[attr-defined]


def _values(name: str, pattern: str) -> list[list[str]]:
    """What may stand for the variable, in groups of one kind each."""
    from base.listing.listing import all_listings

    by_name: dict[str, list[str]] = {
        "kind": ["visit", "call", "csv"],
        "file_format": ["csv"],
        "dialect": ["hledger"],
        "action": [],
        "column": sorted({column.name for listing in all_listings() for column in listing.columns if column.edit}),
        "key": _resources(),
        "verb": [],
    }
    if name in by_name:
        return [by_name[name]]
    if name == "name" and pattern.startswith("/lists/"):
        return [sorted(listing.name for listing in all_listings())]
    if name == "name" and pattern.startswith("/desk/"):
        return [_queues()]
    return list(_keys(pattern))


def _keys(pattern: str) -> Iterator[list[str]]:
    """Keys of records, the kind that the address is named after first; one record for each state."""
    from django.apps import apps
    from django.conf import settings

    models = [
        model for model in apps.get_models() if model.__module__.startswith((settings.SIDE, "integration", "allauth"))
    ]
    words = set(re.split(r"\W+", pattern))

    def fits(model: Any) -> tuple[bool, bool, str]:
        own = model._meta.verbose_name_plural.lower() in words or f"{model._meta.model_name}s" in words
        return not own, model._meta.app_label not in words, str(model._meta.label)

    for model in sorted(models, key=fits):
        rows = model._base_manager.order_by("-pk")
        state = next((field.name for field in model._meta.fields if field.name in ("status", "state", "kind")), None)
        if state is None:
            found = [str(pk) for pk in rows.values_list("pk", flat=True)[:2]]
        else:
            values = rows.order_by(state).values_list(state, flat=True).distinct()
            found = [str(rows.filter(**{state: value}).values_list("pk", flat=True)[0]) for value in values]
        if "ref" in pattern and hasattr(model, "code"):
            found = [str(code) for code in rows.values_list("code", flat=True)[:2]]
        if found:
            yield found


def _resources() -> list[str]:
    from base.exchange.resources import all_resources

    return sorted(resource.key for resource in all_resources())


def _queues() -> list[str]:
    from importlib import import_module

    return [queue.name for queue in import_module("erp.desk.queues").QUEUES]


def _with_history() -> Iterator[tuple[str, str]]:
    """The newest record of each kind that remembers its changes."""
    from django.apps import apps

    for model in apps.get_models():
        newest = model._base_manager.order_by("-pk").first() if hasattr(model, "history") else None
        if newest is not None:
            yield model._meta.label_lower, str(newest.pk)
