"""Walks every address of a side as every kind of caller and compares the answers with a table written by hand.

The table below is the slow oracle: it knows nothing of the code's roles, only what the house agreed on. A record that
the caller may not see must be in no answer; whoever may not write gets a no and changes nothing; nothing answers 5xx.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from typing import Any

from deploy.trials import Cases

MARK, PRIVATE = "Zyzzyva", "Qwertzprivat"
# Anybody may come here.
OPEN = (
    "/login/", "/logout/", "/healthz", "/readyz", "/metrics", "/account/forgotten/",
    "/account/security/webauthn/login/",
    "/ui/", "/events", "/feed", "/static/", "/api/schema/", "/api/docs/", "/notices/bell/", "/jsi18n", "/.well-known",
)  # fmt: skip
CRM = ("rep", "agent", "manager", "admin")
ERP = ("order_desk", "warehouse", "accountant", "auditor", "admin")
BOOKS = ("accountant", "auditor", "admin")
DOCUMENTS = (*BOOKS, "order_desk")
# (address begins with, who reads, who writes); the longest that fits counts. `None`: everybody who is signed in.
TABLE: dict[str, list[tuple[str, tuple[str, ...] | None, tuple[str, ...]]]] = {
    "crm": [
        ("/", None, CRM),
        ("/accounts/", CRM, CRM),
        ("/pipeline/", CRM, CRM),
        ("/tickets/", CRM, CRM),
        ("/activities/", CRM, CRM),
        ("/catalogue/", CRM, ()),
        ("/api/v1/", CRM, CRM),
        ("/api/v1/products/", CRM, ()),
        ("/api/v1/stages/", CRM, ()),
    ],
    "erp": [
        ("/", None, ERP),
        ("/ledger/", BOOKS, ("accountant",)),
        ("/tax/", DOCUMENTS, ("accountant",)),
        ("/parties/", ERP, ("accountant",)),
        ("/products/", ERP, ("order_desk", "accountant")),
        ("/inventory/", ERP, ("warehouse", "accountant")),
        ("/orders/", ERP, ("order_desk", "warehouse")),
        ("/shipping/", ERP, ("warehouse", "order_desk")),
        ("/banking/", BOOKS, ("accountant",)),
        ("/invoices/", DOCUMENTS, ("accountant",)),
        ("/returns/", ERP, ("order_desk", "warehouse", "accountant")),
        ("/api/v1/", ERP, ("order_desk", "warehouse", "accountant")),
        ("/api/v1/ledger/", BOOKS, ("accountant",)),
        ("/api/v1/tax/", DOCUMENTS, ("accountant",)),
        ("/api/v1/parties/", ERP, ("accountant",)),
        ("/api/v1/receipts/", BOOKS, ()),
        ("/api/v1/deposits/", BOOKS, ("accountant",)),
        ("/api/v1/invoices/", DOCUMENTS, ("accountant",)),
        ("/api/v1/receivables/", BOOKS, ()),
    ],
    "integration": [("/", ("operator", "admin"), ("operator",))],
}
# One's own things: everybody writes theirs; another's must not answer.
OWN = (
    "/account/", "/notices/", "/tokens/", "/jobs/", "/ui/", "/lists/", "/imports/", "/exchange/", "/search",
    "/history/",
    "/api/v1/tokens/", "/api/v1/jobs/", "/api/v1/imports/", "/views/", "/list/", "/webhooks/", "/api/v1/webhooks/",
)  # fmt: skip
NO = (302, 401, 403, 404, 405, 406, 415)


def walk(cases: Cases, most: int = 0) -> None:
    """Every address × caller × method; with `most`, only so many of the addresses, evenly spread."""
    from django.conf import settings
    from django.test import override_settings

    side = settings.SIDE
    with override_settings(**{name: 10**9 for name in dir(settings) if name.startswith("API_RATE")}):
        _walk(cases, side, most)


def _walk(cases: Cases, side: str, most: int) -> None:
    keys = _records(side)
    callers = _callers(side)
    addresses = sorted(set(_addresses(keys)))
    if most and len(addresses) > most:
        addresses = addresses[:: -(-len(addresses) // most)]
    before = _fingerprint(side)
    for address in addresses:
        readers, writers = _expected(side, address)
        for role, client in callers.items():
            _read(cases, client, role, address, readers)
            if role != "admin" and (role not in writers or role in ("", "nobody", "auditor")):
                _write(cases, client, role, address)
    cases.that(_fingerprint(side) == before, f"{side}: somebody who may not write has changed something")


def _read(cases: Cases, client: Any, role: str, address: str, readers: tuple[str, ...] | None) -> None:
    answer = client.get(address)
    body = b"".join(answer) if answer.streaming else answer.content
    text, said = body.decode("utf-8", "replace"), f"{role or 'anonymous'} GET {address}: {answer.status_code}"
    cases.that(answer.status_code < 500, said)
    if role != "admin":
        cases.that(PRIVATE not in text, f"{said} tells what is another's")
    if not role and not address.startswith(OPEN):
        cases.that(answer.status_code in NO, f"{said} without signing in")
    known = bool(role) and role != "nobody" and (readers is None or role in readers)
    if not known:
        cases.that(MARK not in text, f"{said} tells a record")
    if role and readers is not None and role not in readers and not address.startswith(OPEN + OWN):
        cases.that(answer.status_code in NO, f"{said} lets in")


def _write(cases: Cases, client: Any, role: str, address: str) -> None:
    if address.startswith((*OPEN, "/admin/log", *(OWN if role else ()))):
        return
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client, method)(address, data="{}", content_type="application/json")
        said = f"{role or 'anonymous'} {method.upper()} {address}: {answer.status_code}"
        shown = bool(role) and answer.status_code == 200  # a page that only shows itself; what changed is counted below
        cases.that(answer.status_code in NO or shown, said)


def _expected(side: str, address: str) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    fits = [row for row in TABLE[side] if address.startswith(row[0])]
    _prefix, readers, writers = max(fits, key=lambda row: len(row[0]))
    return readers, writers


def _callers(side: str) -> dict[str, Any]:
    """A signed-in browser for each role, one for somebody without a role, and a stranger's."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.test import Client

    callers = {"": Client(raise_request_exception=False)}
    for role in ("nobody", *Group.objects.values_list("name", flat=True)):
        user, _new = get_user_model().objects.get_or_create(username=f"walker-{role}")
        if role != "nobody":
            user.groups.set([Group.objects.get(name=role)])
        callers[role] = Client(raise_request_exception=False)
        callers[role].force_login(user)
    return callers


def _addresses(keys: list[str]) -> Iterator[str]:
    """Each pattern of the side, its variables filled with the keys of what exists."""
    from django.urls import get_resolver

    for parts in _patterns(get_resolver(), ""):
        yield from _filled(parts, keys)


def _patterns(resolver: Any, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        here = prefix + _plain(pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern, here)
        else:
            yield "/" + here


def _plain(pattern: Any) -> str:
    """The pattern with `<…>` for each variable."""
    import re

    text = str(pattern.pattern)
    if hasattr(pattern.pattern, "regex") and not hasattr(pattern.pattern, "converters"):
        return text
    if "(?P" in text or text.startswith("^"):
        text = re.sub(r"\(\?P<(\w+)>(?:[^()\[]|\[[^\]]*\]|\([^)]*\))*\)", r"<\1>", text).replace("^", "")
        text = text.replace("\\Z", "").replace("$", "").replace("/?", "/").replace("\\.", ".")
    return text


def _filled(address: str, keys: list[str]) -> Iterator[str]:
    import re

    if "<" not in address:
        yield address
        return
    if address.startswith("/admin/") or "format" in address or "static" in address or "media" in address:
        return
    for key in keys:
        filled = re.sub(r"<int:[^>]+>", "1", address)
        yield re.sub(r"<[^>]+>", key, filled)
        if not re.search(r"<(?!int:)", address):
            return


def _records(side: str) -> list[str]:
    """What there is to leak: records with a mark in their names, and one person's own things."""
    from django.apps import apps
    from django.contrib.auth import get_user_model

    owner, _new = get_user_model().objects.get_or_create(username="owner-of-it")
    notice = apps.get_model("access", "Notice").objects.create(user=owner, text=PRIVATE)
    token, _secret = apps.get_model("access", "ApiToken").issue(owner, PRIVATE)
    made = {"crm": _crm, "erp": _erp, "integration": list}[side]()
    return [str(record.pk) for record in [notice, token, *made]]


def _crm() -> list[Any]:
    from crm.tickets import services as tickets
    from tests.crm import makers

    makers.offered("CHAI")
    # The types are checked as the hub sees them, which installs neither business.
    account: Any = makers.account(f"{MARK} GmbH", contacts=[{"name": f"{MARK} Anders"}])
    deal: Any = makers.deal(("CHAI", "5"), of=account, by=makers.user("rep", name="owner-rep"), title=f"{MARK} autumn")
    ticket = tickets.open_ticket(
        account=account, subject=f"{MARK} is late", by=makers.user("agent", name="owner-agent")
    )
    return [account, account.contacts.get(), deal, deal.lines.get(), ticket]


def _erp() -> list[Any]:
    from tests.erp.orders.makers import customer, make_order, offer

    offer()
    order: Any = make_order(("CHAI", "2", "18.00"), customer=customer(f"{MARK} GmbH"))
    return [order, order.party, order.lines.get().product]


def _fingerprint(side: str) -> str:
    """All rows of the side's own tables, as one number."""
    from django.apps import apps

    told = hashlib.sha256()
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
        if model.__module__.startswith(f"{side}.") and model._meta.app_label != "access":
            told.update(repr(sorted(map(repr, model._base_manager.values_list()))).encode())
    return told.hexdigest()


class Told(Cases):
    """A tally that keeps the words, for whoever started this process."""

    def fail(self, what: str) -> None:
        self.words = [*getattr(self, "words", []), what]
        self.failed += 1


def tell() -> None:
    """Run inside `./manage.py <side> shell`: the tally as the last line."""
    cases = Told()
    walk(cases)
    sys.stdout.write(json.dumps({"cases": cases.count, "failed": getattr(cases, "words", [])}) + "\n")
