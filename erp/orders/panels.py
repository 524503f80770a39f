"""What orders shows on its own page of where an order came from, and on a party's page of its orders."""

import base64
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from base.templatetags.ui import money
from base.tiers import Tier, sees
from erp.ledger.services import base_currency
from erp.orders.models import Order
from erp.orders.reports import owed, progress_of, unbilled
from erp.parties.models import Party, PartyKind
from integration.inbox.models import Incoming
from integration.signing import BadSignature, Envelope, check_origin

ORDERS_SHOWN = 12


def promise(request: HttpRequest, order: Order) -> str:
    """The event that brought the order, who signed it, and where promise and order differ."""
    if order.promise is None:
        return ""
    facts = {
        "order": order,
        "promise": order.promise,
        "told": Incoming.objects.filter(event_id=order.event).first() if order.event else None,
        "differences": differences(order),
        "sees_prices": sees(request.user, Tier.PRICE),
    }
    if facts["told"]:
        facts["signed_by"] = signed_by(facts["told"])
    return render_to_string("erp/orders/_promise.html", facts, request=request)


def signed_by(told: Incoming) -> str:
    """The key of the CRM that signed the kept bytes, checked anew; empty when the signature does not hold."""
    try:
        return check_origin(Envelope(bytes(told.body), told.keyid, base64.b64decode(told.signature)), told.source).kid
    except (BadSignature, ValueError, OSError):
        return ""


def differences(order: Order) -> list[dict[str, Any]]:
    """Where the order does not say what the promise said; the promise itself is never changed."""
    promised = {line["line"]: line for line in (order.promise or {}).get("lines", ())}
    found = []
    for line in order.lines.order_by("position"):
        told = promised.get(str(line.deal_line))
        if told and f"{line.net_amount:f}" != told["net_amount"]:
            found.append({"sku": line.sku, "promised": told["net_amount"], "ordered": line.net_amount})
    return found


def orders_of(request: HttpRequest, party: Party) -> str:
    """The party's last orders."""
    if party.kind != PartyKind.CUSTOMER:
        return ""
    orders = list(party.orders.for_list()[:ORDERS_SHOWN])
    progress = progress_of(orders)
    facts = {
        "party": party,
        "rows": [(order, progress.get(order.pk)) for order in orders],
        "count": party.orders.count(),
        "sees_prices": sees(request.user, Tier.PRICE),
    }
    return render_to_string("erp/orders/_of_party.html", facts, request=request) if orders else ""


def credit_of(request: HttpRequest, party: Party) -> list[tuple[Any, Any]]:
    """What a customer owes, what is promised but not billed, and how near that is to the limit."""
    if party.kind != PartyKind.CUSTOMER:
        return []
    currency = base_currency()
    owes, promised = owed(party), unbilled(party)
    told: list[tuple[str, str]] = [
        (_("Open items"), money(owes, currency)),
        (_("Orders not billed yet"), money(promised, currency)),
        (_("Exposure"), money(owes + promised, currency)),
    ]
    if limit := party.whole.credit_limit:
        used = round((owes + promised) / limit * 100)
        told.append((_("Part of the limit used"), f"{used} %"))
    return told
