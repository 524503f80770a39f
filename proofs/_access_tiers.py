"""Figures that not everybody may know: planted in every record, and looked for in every answer.

Who may know what is written here by hand, as the house agreed on it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from deploy.trials import Cases

SECRETS = {"price": "7171717", "cost": "7272727", "margin": "7474747", "credit": "7373737", "salary": "7575757"}
KNOWN: dict[str, dict[str, tuple[str, ...]]] = {
    "crm": {
        **dict.fromkeys(("rep", "owner", "lead", "lead-of-others"), ("price", "credit")),
        "agent": ("price",), "manager": ("price", "cost", "margin", "credit"),
    },
    "erp": {
        "order_desk": ("price", "credit"), "warehouse": (),
        "accountant": ("price", "cost", "margin", "credit", "salary"),
        "auditor": ("price", "cost", "margin", "credit", "salary"),
    },
    "integration": {"operator": (), "auditor": ("price", "cost", "margin", "credit")},
}  # fmt: skip
# As an amount may be written, grouped or not; seven digits inside a key or a digest are chance.
SIGNS = {
    tier: re.compile("(?<![0-9A-Za-z])" + "[,.'’\u00a0\u202f ]?".join(digits) + "0*(?![0-9A-Za-z-])")
    for tier, digits in SECRETS.items()
}
REFUSED = (302, 400, 401, 403, 404, 422)
NOWHERE = "zqnowherezq"  # what nobody has written


def plant() -> int:
    """Put a secret of its tier into every sensitive field that the database lets change; how many were."""
    from django.apps import apps
    from django.db import DatabaseError, models, transaction

    planted = 0
    for model in apps.get_models():
        for name, tier in getattr(model, "TIERS", {}).items():
            field = next((one for one in model._meta.concrete_fields if one.name == name), None)
            digits = SECRETS[str(tier)]
            value: Any = Decimal(digits) / 100 if isinstance(field, models.DecimalField) else f"Words {digits}"
            if not isinstance(field, models.DecimalField | models.CharField | models.TextField) or field.choices:
                continue
            try:
                with transaction.atomic():
                    planted += model._base_manager.update(**{name: value})
            except DatabaseError:  # what is posted never changes
                continue
    return planted


def told(side: str, role: str, text: str) -> Iterator[str]:
    """The tiers whose secret is in an answer to somebody who may not know it."""
    if role == "admin" or not any(sign in text for sign in "7"):
        return
    for tier in _hidden(side, role):
        if SIGNS[tier].search(text):
            yield tier


def ask(cases: Cases, side: str, role: str, client: Any, knower: Any, most: int = 10**6) -> None:
    """Search, filter, group, show, export and order by what is hidden: refused, or answered as if it was not asked.

    The same is asked as somebody who knows it (`knower`), for whom it must make a difference: else nothing was proved.
    At most so many columns are tried.
    """
    from base.listing.listing import all_listings

    for listing in all_listings():
        columns = [
            (column, tier) for column in listing.columns if (tier := _tier(listing, column)) in _hidden(side, role)
        ]
        places = [listing.url, f"/lists/{listing.name}/export/csv/", *_resources(listing)]
        for column, _of in columns[:most]:
            for query in ({"group": column.name}, {"columns": column.name}, {column.name: "1"}):
                for place in places[:2]:
                    _that_untold(cases, side, role, client, place, query)
            for place in places if column.sort_path else ():
                _that_unordered(cases, side, role, (client, knower), listing, column, place)
        for name in _filters(listing, _hidden(side, role))[:most]:
            for place in places:
                _that_unfiltered(cases, role, (client, knower), place, name)
        for tier in sorted({tier for _column, tier in columns[:most]}):
            for place in places:
                for word in ("q", "search"):
                    _that_unfound(cases, side, role, (client, knower), place, word, tier)
        most -= min(most, len(columns))


def _that_untold(cases: Cases, side: str, role: str, client: Any, place: str, query: dict[str, str]) -> tuple[Any, str]:
    answer, text = _got(client, place, query)
    said = f"{role or 'anonymous'} GET {place}?{query}: {answer.status_code}"
    cases.that(answer.status_code < 500, said)
    cases.that(not list(told(side, role, text)), f"{said} tells it")
    return answer, text


def _that_unordered(
    cases: Cases, side: str, role: str, both: tuple[Any, Any], listing: Any, column: Any, place: str
) -> None:
    """Up and down are the same for who may not know it, and not for who may."""
    client, knower = both
    with _different(listing.model, column):
        usual = _got(client, place, _bare(place))
        for name in (column.name, f"-{column.name}"):
            answer, text = _that_untold(cases, side, role, client, place, {"ordering": name})
            same = answer.status_code in REFUSED or _rows(answer, text) == _rows(*usual)
            cases.that(same, f"{role or 'anonymous'} GET {place} orders by {name}")
        if usual[0].status_code == 200:
            up, down = (_rows(*_got(knower, place, {"ordering": f"{sign}{column.name}"})) for sign in ("", "-"))
            cases.that(
                up != down and sorted(up) == sorted(down), f"{place} cannot show that it orders by {column.name}"
            )


def _that_unfiltered(cases: Cases, role: str, both: tuple[Any, Any], place: str, name: str) -> None:
    """Whatever is asked, the rows are the same or there is a no; for who may know it they are not the same."""
    usual, *asked = (_got(both[0], place, query) for query in (_bare(place), {name: "true"}, {name: "999999999"}))
    for answer, text in asked:
        same = answer.status_code in REFUSED or _rows(answer, text) == _rows(*usual)
        cases.that(same, f"{role or 'anonymous'} GET {place} filters by {name}")
    if usual[0].status_code == 200:
        found = [_rows(*_got(both[1], place, {name: value})) for value in ("true", "false", "999999999", "0")]
        cases.that(any(rows != found[0] for rows in found), f"{place} cannot show that it filters by {name}")


def _that_unfound(cases: Cases, side: str, role: str, both: tuple[Any, Any], place: str, word: str, tier: str) -> None:
    """The figure and the words that were planted find no more than what nobody has written."""
    asked = [{word: text} for text in (SECRETS[tier], f"Words {SECRETS[tier]}", NOWHERE)]
    *found, nothing = [_rows(*_got(both[0], place, query)) for query in asked]
    cases.that(found == [nothing] * len(found), f"{role or 'anonymous'} GET {place} finds a {tier} by {word}")
    if _got(both[0], place, _bare(place))[0].status_code == 200:
        every, none = (_rows(*_got(both[1], place, query)) for query in (_bare(place), {word: NOWHERE}))
        cases.that(every and not none, f"{place} cannot show that it searches by {word}")


@contextmanager
def _different(model: Any, column: Any) -> Iterator[None]:
    """Meanwhile the fields that the column tells of differ from row to row, as far as the database lets them change."""
    from django.db import DatabaseError, models, transaction

    with transaction.atomic():
        for field in model._meta.concrete_fields:
            if field.name not in (*column.tells_of, column.path) or field.is_relation:
                continue
            for number, key in enumerate(model._base_manager.order_by("pk").values_list("pk", flat=True)[:50]):
                try:
                    with transaction.atomic():
                        model._base_manager.filter(pk=key).update(**{field.name: _another(field, number, models)})
                except DatabaseError:  # what is posted never changes: it differs as it is
                    break
        yield
        transaction.set_rollback(True)


def _another(field: Any, number: int, models: Any) -> Any:
    """A value of the field that goes up with the number."""
    if field.choices:
        return field.choices[number % len(field.choices)][0]
    if isinstance(field, models.BooleanField):
        return bool(number % 2)
    if isinstance(field, models.CharField | models.TextField):
        return f"{number:03}"[: field.max_length]
    return Decimal(number + 1) / 100


def _tier(listing: Any, column: Any) -> str:
    """The tier of the first field on the column's ways that has one."""
    for way in (*column.tells_of, column.path, column.sort_path):
        if tier := _tier_of(listing.model, way):
            return tier
    return ""


def _tier_of(model: Any, way: str) -> str:
    here = model
    for part in way.split("__"):
        if tier := getattr(here, "TIERS", {}).get(part):
            return str(tier)
        here = next((field.related_model for field in here._meta.get_fields() if field.name == part), None)
        if here is None:
            return ""
    return ""


def _filters(listing: Any, hidden: list[str]) -> list[str]:
    known = listing.filterset.known().items()
    return [name for name, one in known if _tier_of(listing.model, one.field_name or name) in hidden]


def _resources(listing: Any) -> list[str]:
    """Where the API answers with the list's rows."""
    from django.urls import get_resolver

    from proofs._access import _views

    return sorted(
        address
        for address, view in _views(get_resolver(), "")
        if getattr(getattr(view, "cls", None), "listing", None) is listing
        and getattr(view, "actions", {}).get("get") == "list"
        and "<" not in address
    )


def _hidden(side: str, role: str) -> list[str]:
    return [] if role == "admin" else [tier for tier in SECRETS if tier not in KNOWN[side].get(role, ())]


def _got(client: Any, place: str, query: dict[str, str]) -> tuple[Any, str]:
    answer = client.get(place, query)
    body = b"".join(answer) if answer.streaming else answer.content
    return answer, body.decode("utf-8", "replace")


def _bare(place: str) -> dict[str, str]:
    """Asks a list for nothing: without a word it would answer with the reader's own rows."""
    return {} if place.startswith("/api/") else {"view": "all"}


def _rows(answer: Any, text: str) -> list[str]:
    """The rows of a list in their order: of a page, of a file, of the API."""
    if answer.status_code != 200:
        return []
    if answer["Content-Type"].startswith("application/json"):
        return [str(row.get("id", row)) for row in answer.json()["results"]]
    if answer["Content-Type"].startswith("text/csv"):
        return text.splitlines()[1:]
    return re.findall(r'data-pk="([^"]+)"', text)
