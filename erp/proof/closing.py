"""What the proof leaves to do before a period is closed."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.ledger.closing import Count, check
from erp.ledger.models import Period
from erp.proof.models import Run


@check("proof", _("rules that the last proof found broken"))
def broken(period: Period) -> Count:
    """Whatever period they are of: books that do not hold are not closed."""
    last = Run.objects.order_by("-finished_at").first()
    return Count(last.broken if last else 0, reverse("proof:home"))
