"""What tests of promotions start from."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from base.days import house_day
from crm.promotions import services as promotions
from crm.promotions.models import Promotion
from tests.crm.makers import user


def promotion(discount: str = "0.10", *, by: Any = None, name: str = "Spring", **told: Any) -> Promotion:
    """One that runs today and tomorrow, for everybody and on everything unless told otherwise."""
    today = house_day()
    facts = {"first_day": today, "last_day": today + timedelta(days=1), "discount": Decimal(discount), **told}
    return promotions.decide(by=by or user("manager"), **{"name": name, **facts})
