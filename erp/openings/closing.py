"""What openings leave to do before a period is closed."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.ledger.closing import Count, check
from erp.ledger.models import Period
from erp.openings.models import OpeningBalance
from erp.openings.reports import checks


@check("openings", _("opening balances whose documents have not all come"), must=False)
def openings(period: Period) -> Count:
    """Accounts of days in the period that say more, or less, than the documents that came."""
    standing = OpeningBalance.objects.filter(
        company=period.company_id, reversal=None, day__range=(period.starts_on, period.ends_on)
    )
    waiting = sum(1 for one in standing for account in checks(one.day) if account.difference)
    return Count(waiting, reverse("openings:days"))
