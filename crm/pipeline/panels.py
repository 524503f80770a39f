"""What deals add to the account's page and to the timeline."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.accounts import merging, panels, pool, seeing, tag_bearers
from crm.accounts.models import Account
from crm.accounts.ways import add_way
from crm.activities import timeline
from crm.pipeline.models import Deal
from crm.pipeline.reports import glance, overdue_of, promotion_limit
from crm.pipeline.seeing import DealAccess
from crm.promotions import services as promotions

DEALS_SHOWN = 8


def register() -> None:
    """Called when the app is ready."""
    merging.follows(Deal, "account")
    add_way(Deal, "owner", gettext_lazy("By a deal"), gettext_lazy("The deal {number} is {person}'s."))
    seeing.explains(Deal, DealAccess)
    tag_bearers.bears(Deal, "pipeline:list")
    pool.protects(gettext_lazy("an open deal"), Deal.objects.all().open)
    pool.protects(gettext_lazy("an order on its way"), Deal.objects.all().on_their_way)
    timeline.link("deal", "pipeline:detail")
    promotions.capped(promotion_limit)
    panels.add_fact(10, open_deals)
    panels.add_fact(40, overdue)
    panels.add_action(10, panels.Action(gettext_lazy("New deal"), "layout-kanban", "pipeline:new-with"))
    panels.add_section(10, deals)


def open_deals(request: HttpRequest, account: Account) -> panels.Fact:
    """How many, worth what."""
    told = glance(Deal.objects.visible_to(request.user).filter(account=account))
    worth = " · ".join(f"{total:,.2f} {currency}" for total, currency in told["totals"])
    return panels.Fact(_("Open deals"), told["count"], note=worth, url="#deals")


def overdue(request: HttpRequest, account: Account) -> panels.Fact | None:
    """What they owe past its day; nothing is said when nothing is late."""
    late = overdue_of(account)
    if not late:
        return None
    return panels.Fact(
        _("Overdue"), " · ".join(f"{total:,.2f} {currency}" for total, currency in late), note=_("ERP"), tone="bad"
    )


def deals(request: HttpRequest, account: Account) -> str:
    """The account's deals, open ones first."""
    found = Deal.objects.visible_to(request.user).filter(account=account).select_related("stage", "order")
    rows = sorted(found.order_by("-id")[:50], key=lambda deal: deal.status != "open")[:DEALS_SHOWN]
    return render_to_string("crm/pipeline/_of_account.html", {"deals": rows, "account": account}, request)
