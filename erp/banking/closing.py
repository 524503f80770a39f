"""What the bank leaves to do before a period is closed."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.banking.models import Deposit
from erp.ledger.closing import Count, check
from erp.ledger.models import Period


@check("deposits", _("deposits heard of and not booked"))
def deposits(period: Period) -> Count:
    """Of these days, reported by sales or found by ourselves."""
    waiting = Deposit.objects.waiting().filter(reported_on__range=(period.starts_on, period.ends_on))
    return Count(waiting.count(), reverse("banking:deposits"))
