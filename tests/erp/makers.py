"""What ERP tests start from, in the words of the trade."""

from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from erp.ledger import services as ledger
from erp.ledger.models import Company


def company() -> Company:
    """Our company with its chart, journals and open periods."""
    return ledger.seed_company()


def user(*roles: str, name: str = "") -> Any:
    """Somebody who is signed up here in the given roles."""
    model = get_user_model()
    somebody, _ = model.objects.get_or_create(username=name or "-".join(roles) or "nobody")
    somebody.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return somebody


def amount(text: str) -> Decimal:
    """An amount as it is written."""
    return Decimal(text)
