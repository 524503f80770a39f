"""The addresses that a pattern stands for: its variables filled with what there is on this side."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

LISTINGS_EACH = 4  # columns of a list that are tried


class World:
    """What exists: the records with a mark, and of every other model the first."""

    def __init__(self, records: list[Any]) -> None:
        self.records = records
        self.words = self._words()
        self.own: list[str] = []

    def filled(self, pattern: str, view: Any = None) -> Iterator[str]:
        """The pattern with each of its variables filled, in every way that makes sense."""
        self.own = [str(row.pk) for row in _first_rows(view)] if "<" in pattern else []
        if pattern.startswith(("/static", "/media")):
            return
        if pattern.startswith("/admin/"):
            yield from self._admin(pattern)
        elif pattern.startswith("/history/"):
            yield from (
                f"/history/{one._meta.label_lower}/{one.pk}/" for one in self.records if hasattr(one, "history")
            )
        elif pattern.startswith("/lists/<slug:name>"):
            yield from self._lists(pattern)
        else:
            yield from self._plain(pattern)

    def _plain(self, pattern: str) -> Iterator[str]:
        names = re.findall(r"<(?:(\w+):)?(\w+)>", pattern)
        for chosen in itertools.product(*(self._values(kind, name) for kind, name in names)):
            address = pattern
            for value in chosen:
                address = re.sub(r"<[^>]+>", value.replace("\\", r"\\"), address, count=1)
            if _leads_somewhere(address):
                yield address

    def _values(self, kind: str, name: str) -> list[str]:
        if name in self.words:
            return self.words[name]
        pks = list(dict.fromkeys([*self.own, *(str(one.pk) for one in self.records)]))
        numbers = [pk for pk in pks if pk.isdigit()]
        return numbers[: max(2, len(self.own))] or ["1"] if kind == "int" else [pk for pk in pks if not pk.isdigit()]

    def _words(self) -> dict[str, list[str]]:
        from base.exchange.resources import all_resources

        keys = [resource.key for resource in all_resources()]
        return {
            "uidb64": ["MQ"], "token": ["x-y"], "key": keys[:2] or ["none"], "kind": ["csv", "note"],
            "verb": ["check", "undo"], "name": ["no-such"], "dialect": ["hledger", "beancount"], "ref": ["1200"],
            "label": ["access.user"], "app_label": ["access"], "url": ["none"], "format": [],
        }  # fmt: skip

    def _lists(self, pattern: str) -> Iterator[str]:
        from base.listing.listing import all_listings

        for listing in all_listings():
            row = listing.model._base_manager.order_by("-pk").first()
            own = {
                "name": [listing.name], "file_format": ["csv", "xlsx"], "column": [
                    column.name for column in listing.columns if column.edit
                ][:LISTINGS_EACH] or [listing.columns[0].name],
                "action": [getattr(one, "name", "none") for one in getattr(listing, "actions", ())] or ["none"],
                "pk": [str(row.pk if row else 1)],
            }  # fmt: skip
            if "views/<uuid:pk>" in pattern:
                own["pk"] = [str(one.pk) for one in self.records if type(one).__name__ == "SavedView"]
            kept, self.words = self.words, {**self.words, **own}
            yield from self._plain(pattern)
            self.words = kept

    def _admin(self, pattern: str) -> Iterator[str]:
        """The pages of one model, of its newest record and of that one's history."""
        from django.apps import apps

        pattern = pattern.replace("([^/]+)", "<pk>").replace("/$", "/")
        if "<" not in pattern:
            yield pattern
            return
        found = re.match(r"/admin/(\w+)/(\w+)/", pattern)
        model = apps.all_models.get(found[1], {}).get(found[2]) if found else None
        if model is None:
            yield from self._plain(pattern)
            return
        mine: list[Any] = [one for one in self.records if type(one) is model]
        mine = mine or [model._base_manager.order_by("-pk").first()]
        for one in mine:
            if one is None:
                continue
            address = re.sub(r"<[^>]+>", str(one.pk), pattern, count=1)
            past = one.history.first() if hasattr(one, "history") and "<" in address else None
            yield re.sub(r"<[^>]+>", str(past.pk if past else 1), address)


def _leads_somewhere(address: str) -> bool:
    """Is the value one that the variable takes? Not every key looks like every other."""
    from django.urls import Resolver404, resolve

    try:
        resolve(address)
    except Resolver404:
        return False
    return True


def _first_rows(view: Any) -> Iterator[Any]:
    """The first row of the view's own model; of a view that names none, of each model of its app."""
    from django.apps import apps

    kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
    asked = getattr(kind, "queryset", None)
    models = [asked.model] if asked is not None else _models_beside(apps, getattr(view, "__module__", ""))
    for model in models:
        if (row := model._base_manager.order_by("pk").first()) is not None:
            yield row


def _models_beside(apps: Any, module: str) -> list[Any]:
    app = apps.get_containing_app_config(module)
    return [model for model in app.get_models() if not hasattr(model, "instance_type")] if app else []
