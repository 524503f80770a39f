"""How a return went so far."""

from typing import Any

from django.utils.translation import gettext as _

from base.ui import url_of
from erp.returns.models import Return, ReturnLine, ReturnStatus

_ORDER = [ReturnStatus.REQUESTED, ReturnStatus.AUTHORISED, ReturnStatus.RECEIVED, ReturnStatus.SETTLED]


def life(goods_return: Return, lines: list[ReturnLine]) -> list[dict[str, Any]]:
    """Asked for, decided, received, settled: the steps with when and by whom, for ui/steps.html."""
    asked = {
        "label": _("Asked for"),
        "state": "done",
        "at": goods_return.created_at,
        "source": "CRM" if goods_return.request else "ERP",
        "text": goods_return.ticket_number,
    }
    decided = {"at": goods_return.decided_at, "text": goods_return.decided_by}
    if goods_return.status == ReturnStatus.REFUSED:
        return [asked, {"label": _("Refused"), "state": "bad", **decided}]
    waiting = any(line.quantity_expected > 0 for line in lines)
    received = _("Received in part") if goods_return.status == ReturnStatus.RECEIVED and waiting else _("Received")
    reached = _ORDER.index(ReturnStatus(goods_return.status))
    later: list[dict[str, Any]] = [
        {"label": _("To be decided") if reached == 0 else _("Authorised"), **decided},
        {"label": received, "at": goods_return.received_at, "text": goods_return.received_by},
        {
            "label": _("Settled"),
            "at": goods_return.settled_at,
            "text": goods_return.credit_note_number,
            "url": url_of("invoices:detail", goods_return.credit_note) if goods_return.credit_note else "",
        },
    ]
    for position, step in enumerate(later, 1):
        step["state"] = "done" if position <= reached else "now" if position == reached + 1 else "todo"
    return [asked, *later]
