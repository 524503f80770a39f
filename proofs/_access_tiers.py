"""Figures that not everybody may know: planted in every record, and looked for in every answer.

Who may know what is written here by hand, as the house agreed on it.
"""

import re
from collections.abc import Iterator
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
REFUSED = (400, 403, 404, 422)


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


def ask(cases: Cases, side: str, role: str, client: Any, most: int = 10**6) -> None:
    """Order, filter, group, show and export by what is hidden: refused, or answered as if it had not been asked.

    At most so many columns are tried.
    """
    from base.listing.listing import all_listings

    hidden = _hidden(side, role)
    for listing in all_listings():
        tiers = getattr(listing.model, "TIERS", {})
        for column in listing.columns:
            if tiers.get((column.source or column.name).split("__")[0], "") not in hidden or most < 1:
                continue
            most -= 1
            usual = client.get(listing.url)
            queries: tuple[dict[str, str], ...] = (
                {"sort": column.name}, {"sort": f"-{column.name}"}, {"group": column.name},
                {"columns": column.name}, {column.name: "1"}, {f"{column.name}_min": "1"},
            )  # fmt: skip
            for query in queries:
                for address in (listing.url, f"/lists/{listing.name}/export/csv/"):
                    answer = client.get(address, query)
                    body = b"".join(answer) if answer.streaming else answer.content
                    said = f"{role or 'anonymous'} GET {address}?{query}: {answer.status_code}"
                    cases.that(answer.status_code < 500, said)
                    cases.that(not list(told(side, role, body.decode("utf-8", "replace"))), f"{said} tells it")
                    if query.get("sort") and answer.status_code == 200 and address == listing.url:
                        cases.that(_order(body) == _order(usual.content), f"{said} orders by it")


def _hidden(side: str, role: str) -> list[str]:
    return [] if role == "admin" else [tier for tier in SECRETS if tier not in KNOWN[side].get(role, ())]


def _order(page: bytes) -> list[bytes]:
    """The rows of a list in their order."""
    import re

    return re.findall(rb'data-pk="([^"]+)"', page)
