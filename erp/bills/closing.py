"""What bills leave to do before a period is closed."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.bills.models import Bill, BillStatus
from erp.ledger.closing import Count, check
from erp.ledger.models import Period


@check("bills", _("bills not posted"))
def bills(period: Period) -> Count:
    """Drafts dated in these days."""
    drafts = Bill.objects.filter(status=BillStatus.DRAFT, date__range=(period.starts_on, period.ends_on))
    return Count(drafts.filter(company=period.company).count(), f"{reverse('bills:list')}?status=draft")
