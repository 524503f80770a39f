"""What billing leaves to do before a period is closed."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.ledger.closing import Count, check
from erp.ledger.models import Period
from erp.orders.models import Order


@check("to_invoice", _("orders shipped and not invoiced"))
def to_invoice(period: Period) -> Count:
    """Goods that left in these days or before, and that no invoice names."""
    shipped = Order.objects.to_invoice().filter(company=period.company, shipments__dispatched_on__lte=period.ends_on)
    return Count(shipped.distinct().count(), reverse("invoices:waiting"))
