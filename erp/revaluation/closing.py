"""What revaluations leave to do before a period is closed."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.ledger.closing import Count, check
from erp.ledger.models import Period
from erp.rates.refusals import RateMissing
from erp.revaluation.models import Revaluation
from erp.revaluation.services import due


@check("revaluation", _("foreign items not revalued at the period's end"), must=False)
def items(period: Period) -> Count:
    """Those that are worth something else by its rate; after a later revaluation there is nothing left to do."""
    day = period.ends_on
    url = f"{reverse('revaluation:home')}?day={day}"
    if Revaluation.objects.standing().filter(company=period.company_id, day__gt=day).exists():
        return Count(0, url)
    try:
        return Count(len(due(day, period.company)), url)
    except RateMissing:
        return Count(1, url)
