"""Walks every address of a side as every kind of caller and compares the answers with a table written by hand.

The table below is the slow oracle: it knows nothing of the code's roles, only what the house agreed on. A record that
the caller may not see must be in no answer; whoever may not write gets a no and changes nothing; nothing answers 5xx.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from deploy.trials import Cases
from proofs._places import PLACES, wanted

MARK, PRIVATE = "Zyzzyva", "Qwertzprivat"
# Anybody may come here.
OPEN = (
    "/login/", "/logout/", "/healthz", "/readyz", "/metrics", "/account/forgotten/",
    "/account/security/webauthn/login/",
    "/ui/", "/events", "/feed", "/asks", "/static/", "/api/schema/", "/api/docs/", "/notices/bell/", "/jsi18n",
    "/.well-known", "/forms/", "/favicon.ico", "/sw.js", "/manifest.webmanifest", "/offline/app/",
)  # fmt: skip
CRM = ("rep", "owner", "lead", "lead-of-others", "agent", "manager", "admin")
ERP = ("order_desk", "warehouse", "accountant", "auditor", "admin")
HUB = ("operator", "auditor", "admin")
BOOKS = ("accountant", "auditor", "admin")
MENDERS = ("order_desk", "accountant", "admin")
DOCUMENTS = (*BOOKS, "order_desk")
PEOPLE = [(place, ("admin",), ("admin",)) for place in (
    "/api/v1/people/", "/api/v1/signing-keys/", "/lists/people/", "/signing-keys/",
)]  # fmt: skip
WIRE = ("/wire/", "/api/v1/incoming-events/", "/api/v1/outgoing-events/", "/api/v1/refusals/")
WIRE_LISTS = ("/lists/incoming_events/", "/lists/outgoing_events/", "/lists/refusals/")
# (address begins with, who reads, who writes); the longest that fits counts. `None`: everybody who is signed in.
TABLE: dict[str, list[tuple[str, tuple[str, ...] | None, tuple[str, ...]]]] = {
    "crm": [
        ("/", None, CRM),
        *PEOPLE,
        *((place, ("admin",), ("admin",)) for place in (*WIRE, *WIRE_LISTS)),
        ("/today/", CRM, CRM),
        ("/new/", CRM, CRM),
        ("/log/", CRM, CRM),
        ("/import/", CRM, CRM),
        ("/api/v1/teams/", ("manager", "admin"), ("admin",)),
        *((place, ("manager", "admin"), ("manager", "admin")) for place in ("/mend/", "/api/v1/amendments/")),
        ("/accounts/", CRM, CRM),
        ("/pipeline/", CRM, CRM),
        ("/tickets/", CRM, CRM),
        ("/leads/", CRM, CRM),
        ("/activities/", CRM, CRM),
        ("/catalogue/", CRM, ()),
        *((place, CRM, ("manager", "admin")) for place in ("/promotions/", "/api/v1/promotions/")),
        ("/offline/", CRM, CRM),
        *((place, ("manager", "admin"), ()) for place in ("/entry-times/", "/api/v1/entry-times/")),
        ("/api/v1/", CRM, CRM),
        ("/api/v1/products/", CRM, ()),
        ("/api/v1/stages/", CRM, ()),
        ("/api/v1/deal-figures/", CRM, ()),
        ("/api/v1/tags/", CRM, ("manager", "admin")),
        ("/lists/amendments/", ("manager", "admin"), ("manager", "admin")),
        *(
            (f"/lists/{name}/", CRM, CRM)
            for name in (
                "products",
                "accounts",
                "pool",
                "tags",
                "custom-fields",
                "promotions",
                "contacts",
                "deals",
                "tickets",
                "leads",
            )
        ),
    ],
    "erp": [
        ("/", None, ERP),
        *PEOPLE,
        *((place, ("auditor", "admin"), ("admin",)) for place in WIRE),
        *((place, ("auditor", "admin"), ("auditor", "admin")) for place in WIRE_LISTS),
        ("/desk/", None, ERP),
        ("/import/", ERP, ERP),
        *((place, MENDERS, MENDERS) for place in ("/mend/", "/api/v1/amendments/")),
        ("/proof/", BOOKS, BOOKS),
        ("/api/v1/proofs/", BOOKS, BOOKS),
        *(
            (f"/lists/{name}/", BOOKS, BOOKS)
            for name in (
                "journal",
                "lines",
                "vouchers",
                "receipts",
                "deposits",
                "proofs",
                "vat_returns",
                "bills",
                "opening_items",
                "recurring",
                "dimensions",
                "fapiaos",
            )
        ),
        ("/lists/amendments/", MENDERS, MENDERS),
        ("/lists/to_invoice/", DOCUMENTS, DOCUMENTS),
        ("/lists/to_ship/", ERP, ERP),
        *((f"/lists/{name}/", ERP, ERP) for name in ("parties", "products", "stock", "moves", "orders", "shipments")),
        ("/lists/returns/", ERP, ERP),
        ("/lists/received/", BOOKS, BOOKS),
        *((place, BOOKS, ("accountant",)) for place in ("/einvoices/", "/api/v1/einvoices/", "/api/v1/letterhead/")),
        ("/lists/invoices/", DOCUMENTS, DOCUMENTS),
        ("/lists/exchange_rates/", DOCUMENTS, DOCUMENTS),
        ("/lists/payment_terms/", ERP, ERP),
        *((place, ERP, ("accountant",)) for place in ("/payment-terms/", "/api/v1/payment-terms/")),
        *((place, DOCUMENTS, ("accountant",)) for place in ("/rates/", "/api/v1/exchange-rates/")),
        *((place, BOOKS, ("accountant",)) for place in ("/revaluation/", "/api/v1/revaluations/")),
        *((place, BOOKS, ("accountant",)) for place in ("/fapiaos/", "/api/v1/fapiaos/")),
        ("/ledger/", BOOKS, ("accountant",)),
        ("/statements/", BOOKS, ("accountant",)),
        ("/tax/", DOCUMENTS, ("accountant",)),
        *((place, BOOKS, ("accountant",)) for place in ("/tax/returns/", "/tax/profile/")),
        *((place, BOOKS, ("accountant",)) for place in ("/bills/", "/api/v1/bills/")),
        *(
            (place, BOOKS, ("accountant",))
            for place in ("/openings/", "/api/v1/opening-items/", "/api/v1/opening-balances/")
        ),
        ("/invoices/rest/", BOOKS, ("accountant",)),
        ("/api/v1/customer-credits/", BOOKS, ("accountant",)),
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
        *((f"/api/v1/tax/{name}/", BOOKS, ("accountant",)) for name in ("returns", "profile")),
        ("/api/v1/parties/", ERP, ("accountant",)),
        ("/api/v1/receipts/", BOOKS, ()),
        ("/api/v1/deposits/", BOOKS, ("accountant",)),
        ("/api/v1/invoices/", DOCUMENTS, ("accountant",)),
        ("/api/v1/receivables/", BOOKS, ()),
        ("/api/v1/sales/", BOOKS, ()),
    ],
    "integration": [
        ("", HUB, ("operator",)),
        # Who may open a list keeps their own views of it.
        *(
            (f"/lists/{name}/", HUB, HUB)
            for name in (
                "alerts",
                "cases",
                "comparisons",
                "deliveries",
                "events",
                "mapping",
                "observed",
                "parked",
                "pauses",
            )
        ),
        *PEOPLE,
    ],
}
# One's own things: everybody writes theirs; another's must not answer. A desk is one's own: without a role it is empty.
OWN = (
    "/account/", "/notices/", "/tokens/", "/jobs/", "/ui/", "/lists/changes/", "/import/", "/search", "/history/",
    "/api/v1/desk/", "/desk/", "/admin/jsi18n",
    "/api/v1/notices/", "/api/v1/lists/", "/api/v1/list-views/", "/api/v1/list-changes/",
    "/api/v1/search/", "/api/v1/sessions/",
    "/api/v1/tokens/", "/api/v1/jobs/", "/api/v1/imports/", "/views/", "/list/", "/webhooks/", "/api/v1/webhooks/",
    "/lists/jobs/", "/lists/notices/", "/lists/imports/",
)  # fmt: skip
# Whoever has the role and no part in the record; and who, with the same role, owns it or leads whoever does.
STRANGERS = {"crm": ("rep", "lead-of-others")}
OWNERS = {"crm": ("owner", "lead")}
NO = (302, 401, 403, 404, 405, 406, 415)


def walk(cases: Cases, most: int = 0) -> None:
    """Every address × caller × method; with `most`, only so many of the addresses, evenly spread."""
    from django.conf import settings
    from django.test import override_settings

    side: str = settings.SIDE
    with override_settings(**{name: 10**9 for name in dir(settings) if name.startswith("API_RATE")}):
        _walk(cases, side, most)


def _walk(cases: Cases, side: str, most: int) -> None:
    from django.urls import get_resolver

    from proofs import _access_scopes as scopes
    from proofs import _access_tiers as tiers
    from proofs._access_books import fill
    from proofs._access_fill import World

    callers = _callers(side)
    world = World(records(side))
    fill(side)
    planted = tiers.plant()
    cases.that(planted or side == "integration", f"{side}: no figure could be hidden, so none can be found")
    strangers = STRANGERS.get(side, ())
    every = list(_views(get_resolver(), ""))
    addresses = sorted({address for pattern, view in every for address in world.filled(pattern, view)})
    addresses = [address for address in addresses if wanted(address)]
    if most and len(addresses) > most:
        addresses = addresses[:: -(-len(addresses) // most)]
    for pattern in sorted({pattern for pattern, _view in every}):
        cases.that(_classified(side, pattern), f"{side}: nobody said who may come to {pattern}")
    before = _fingerprint(side)
    for address in addresses:
        readers, writers = _expected(side, address)
        for role, client in callers.items():
            told = _read(cases, client, role, address, readers)
            if role in strangers:
                cases.that(MARK not in told, f"{role} GET {address} tells a record of somebody else")
            for secret in tiers.told(side, role, told):
                cases.that(False, f"{role or 'anonymous'} GET {address} tells a {secret}")
            if role != "admin" and (role not in writers or role in ("", "nobody")):
                _write(cases, client, role, address)
    for role in OWNERS.get(side, ()):
        theirs = callers[role].get("/accounts/").content.decode()
        cases.that(MARK in theirs, f"{role} does not find what is theirs")
    for role, client in callers.items():
        tiers.ask(cases, side, role, client, callers["admin"], 1 if most or PLACES else 10**6)
    scopes.walk(cases, [address for address in addresses if address.startswith("/api/v1/")])
    cases.that(_fingerprint(side) == before, f"{side}: somebody who may not write has changed something")


def _read(cases: Cases, client: Any, role: str, address: str, readers: tuple[str, ...] | None) -> str:
    answer = client.get(address)
    body = b"".join(answer) if answer.streaming else answer.content
    text, said = body.decode("utf-8", "replace"), f"{role or 'anonymous'} GET {address}: {answer.status_code}"
    cases.that(answer.status_code < 500 or address == "/readyz", said)  # no relay runs here, and it says so
    if role != "admin":
        cases.that(PRIVATE not in text, f"{said} tells what is another's")
    if not role and not address.startswith(OPEN):
        cases.that(answer.status_code in NO, f"{said} without signing in")
    known = bool(role) and role != "nobody" and (readers is None or role in readers)
    if not known:
        cases.that(MARK not in text, f"{said} tells a record")
    if role and readers is not None and role not in readers and not address.startswith(OPEN + OWN):
        cases.that(answer.status_code in NO, f"{said} lets in")
    return text


def _write(cases: Cases, client: Any, role: str, address: str) -> None:
    if address.startswith((*OPEN, "/admin/log", *(OWN if role else ()))):
        return
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client, method)(address, data="{}", content_type="application/json")
        said = f"{role or 'anonymous'} {method.upper()} {address}: {answer.status_code}"
        shown = bool(role) and answer.status_code == 200  # a page that only shows itself; what changed is counted below
        cases.that(answer.status_code in NO or shown, said)


def _classified(side: str, pattern: str) -> bool:
    """Is a row of the table meant for this address? A list is named when its address is filled."""
    return pattern.startswith((*OPEN, *OWN, "/admin/", "/lists/")) or bool(_rows(side, pattern))


def _rows(side: str, address: str) -> list[tuple[str, tuple[str, ...] | None, tuple[str, ...]]]:
    return [row for row in TABLE[side] if address == row[0] or (row[0] != "/" and address.startswith(row[0]))]


def _expected(side: str, address: str) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """Who reads and who writes there."""
    if address.startswith("/admin/"):
        return ("admin",), ("admin",)
    found = _rows(side, address)
    if not found:
        return None, ()
    _prefix, readers, writers = max(found, key=lambda row: len(row[0]))
    return readers, writers


def _callers(side: str) -> dict[str, Any]:
    """A signed-in browser for each role, one for somebody without a role, and a stranger's."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.test import Client

    callers = {"": Client(raise_request_exception=False)}
    for role in ("nobody", *Group.objects.values_list("name", flat=True)):
        user, _new = get_user_model().objects.get_or_create(username=f"walker-{role}")
        user.is_staff = user.is_superuser = role == "admin"
        user.save()
        if role != "nobody":
            user.groups.set([Group.objects.get(name=role)])
        callers[role] = Client(raise_request_exception=False)
        callers[role].force_login(user)
    if side == "crm":
        callers |= _reps()
    return callers


def _reps() -> dict[str, Any]:
    """The rep who owns what there is, who leads her by the team above hers, and who leads a team beside."""
    from django.apps import apps
    from django.test import Client

    from tests.crm import makers

    model: Callable[..., Any] = apps.get_model  # another side's process does not have these
    teams, members = model("access", "Team").objects, model("access", "TeamMember").objects
    above = teams.create(name="Region")
    own, beside = teams.create(name="Town", parent=above), teams.create(name="Village", parent=above)
    callers = {}
    for word, team, leads in (("owner", own, False), ("lead", above, True), ("lead-of-others", beside, True)):
        user = makers.user("rep", name="owner-rep" if word == "owner" else f"walker-{word}")
        members.create(team=team, user=user, leads=leads)
        callers[word] = Client(raise_request_exception=False)
        callers[word].force_login(user)
    return callers


def _patterns(resolver: Any, prefix: str) -> Iterator[str]:
    for address, _view in _views(resolver, prefix):
        yield address


def _views(resolver: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """Every address as a pattern, with what answers there."""
    for pattern in resolver.url_patterns:
        here = prefix + _plain(pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _views(pattern, here)
        else:
            yield "/" + here, pattern.callback


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


def records(side: str) -> list[Any]:
    """What there is to leak: records with a mark in their names, and one person's own things."""
    from django.apps import apps
    from django.contrib.auth import get_user_model

    owner, _new = get_user_model().objects.get_or_create(username="owner-of-it")
    notice = apps.get_model("access", "Notice").objects.create(user=owner, text=PRIVATE)
    token, _secret = apps.get_model("access", "ApiToken").issue(owner, PRIVATE)
    job = apps.get_model("access", "Job").objects.create(
        owner=owner, kind="list-export", title=PRIVATE, message=PRIVATE, url="/"
    )
    job.result_path("result.csv").write_text(PRIVATE)
    view = apps.get_model("access", "SavedView").objects.create(
        listing=_any_listing(), owner=owner, name=PRIVATE, state=f"q={PRIVATE}"
    )
    endpoint = apps.get_model("webhooks", "Endpoint").objects.create(
        url="https://example.com/told", description=PRIVATE, events=["*"], created_by=owner
    )
    change = apps.get_model("access", "BulkChange").objects.create(
        owner=owner, listing=_any_listing(), action="none", label=PRIVATE
    )
    sign_in = apps.get_model("access", "SignIn").objects.create(user=owner, session_key=PRIVATE, agent=PRIVATE)
    own = [owner, notice, token, job, view, endpoint, change, sign_in]
    table: Any = apps.get_app_config("access").get_model("Import")
    file = table(resource=_any_resource(), owner=owner, file_name=PRIVATE)
    file.folder.mkdir(parents=True, mode=0o700)
    file.bad_rows_path.write_text(PRIVATE)
    file.headers, file.sample, file.count = [PRIVATE], [[PRIVATE]], 1
    file.save()
    own.append(file)
    made = {"crm": _crm, "erp": _erp, "integration": list}[side]()
    return [*own, *made]


def _any_listing() -> str:
    from base.listing.listing import all_listings

    return next((listing.name for listing in all_listings()), "none")


def _any_resource() -> str:
    from base.exchange.resources import all_resources

    return all_resources()[0].key


def _crm() -> list[Any]:
    from crm.leads import services as leads
    from crm.pipeline import approvals, quotes
    from crm.tickets import services as tickets
    from tests.crm import makers

    makers.offered("CHAI")
    # The types are checked as the hub sees them, which installs neither business.
    owner: Any = makers.user("rep", name="owner-rep")
    account: Any = makers.account(f"{MARK} GmbH", owner=owner, contacts=[{"name": f"{MARK} Anders"}])
    deal: Any = makers.deal(("CHAI", "5"), of=account, by=owner, title=f"{MARK} autumn")
    ticket = tickets.open_ticket(
        account=account, subject=f"{MARK} is late", by=makers.user("agent", name="owner-agent")
    )
    lead = leads.create_lead(person=f"{MARK} Moos", owner=owner)
    quote = quotes.make(deal, by=owner, note=MARK)
    dear: Any = makers.deal(("CHAI", "5", "0.4"), of=account, by=owner, title=f"{MARK} fair")
    asked = approvals.ask(dear, by=owner, why=f"{MARK} has a rival's offer")
    return [account, account.contacts.get(), deal, deal.lines.get(), ticket, lead, quote, asked]


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
