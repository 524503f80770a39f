from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from base.roles import role_required
from erp.ledger.services import company
from erp.tax.models import DepositRule, TaxRate

READERS = ("accountant", "auditor", "order_desk", "admin")


@role_required(*READERS)
def rates(request: HttpRequest) -> HttpResponse:
    """Which rate applied when, and when deposits are taxed; what applies today and here stands out."""
    today, here = timezone.localdate(), company().jurisdiction
    known = list(
        TaxRate.objects.visible_to(request.user)
        .select_related("tax_class")
        .order_by("jurisdiction", "tax_class", "-valid_from")
    )
    seen: set[tuple[int, str]] = set()
    for rate in known:
        key = (rate.tax_class_id, rate.jurisdiction)
        rate.current = rate.valid_from <= today and key not in seen  # type: ignore[attr-defined]
        if rate.current:  # type: ignore[attr-defined]
            seen.add(key)
    known.sort(key=lambda rate: rate.jurisdiction != here)
    rules = sorted(DepositRule.objects.visible_to(request.user), key=lambda rule: rule.jurisdiction != here)
    return render(request, "erp/tax/rates.html", {"rates": known, "rules": rules, "here": here})
