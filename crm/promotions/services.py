"""The verbs of promotions, and the question that deals ask: which is the best that runs today?"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from base.days import house_day
from base.ids import uuid7
from base.roles import require
from crm.accounts.models import Account
from crm.catalogue.models import Product
from crm.promotions.models import DECIDERS, Audience, Promotion
from crm.promotions.refusals import BadPromotion, Carried, PromotionEnded, TooDeep

EDITABLE = ("name", "first_day", "last_day", "discount", "skus", "audience", "countries", "note")
MOST_PRODUCTS = 200
_CAPS: list[Callable[[], Decimal]] = []


def capped(limit: Callable[[], Decimal]) -> None:
    """Whoever is above says how deep a promotion may go; asked whenever one is decided."""
    _CAPS.append(limit)


def most() -> Decimal:
    """The deepest discount that a promotion may have."""
    return min((limit() for limit in _CAPS), default=Decimal(1))


@transaction.atomic
def decide(*, by: Any, id: UUID | None = None, **told: Any) -> Promotion:
    """A new promotion; the same `id` again is the same one."""
    require(by, *DECIDERS)
    if id is not None and (known := Promotion.objects.filter(pk=id).first()):
        return known
    promotion = Promotion(id=id or uuid7(), decided_by=by)
    _tell(promotion, told)
    promotion.save(force_insert=True)
    return promotion


@transaction.atomic
def change(promotion: Promotion, *, by: Any, **told: Any) -> Promotion:
    """Other days, products or accounts from now on; the discount stays once a line of a deal has it."""
    require(by, *DECIDERS)
    promotion = _held(promotion)
    if promotion.has_ended:
        raise PromotionEnded(name=promotion.name)
    before = promotion.discount
    _tell(promotion, told)
    if promotion.discount != before:
        if promotion.lines.exists():
            raise Carried(name=promotion.name)
        promotion.decided_by = by
    promotion.save()
    return promotion


@transaction.atomic
def stop(promotion: Promotion, *, by: Any) -> Promotion:
    """It gives nothing from this moment on; what was priced with it is not changed. Twice is once."""
    require(by, *DECIDERS)
    promotion = _held(promotion)
    if promotion.stopped_at is None:
        if promotion.has_ended:
            raise PromotionEnded(name=promotion.name)
        promotion.stopped_at, promotion.stopped_by = timezone.now(), by
        promotion.save()
    return promotion


@transaction.atomic
def resume(promotion: Promotion, *, by: Any) -> Promotion:
    """It was stopped by mistake: it goes on until its last day."""
    require(by, *DECIDERS)
    promotion = _held(promotion)
    if promotion.last_day < house_day():
        raise PromotionEnded(name=promotion.name)
    if promotion.stopped_at is not None:
        promotion.stopped_at = promotion.stopped_by = None
        promotion.save()
    return promotion


def running_for(account: Account) -> list[Promotion]:
    """What runs today for this account, the deepest first; one query."""
    return list(Promotion.objects.running().for_account(account).order_by("-discount", "id"))


def best_of(promotions: Iterable[Promotion], sku: str) -> Promotion | None:
    """The deepest of them for this product."""
    return max((one for one in promotions if one.covers(sku)), key=lambda one: one.discount, default=None)


# ---- below: parts of the verbs ---------------------------------------------------------------------------------------


def _held(promotion: Promotion) -> Promotion:
    found: Promotion = Promotion.objects.select_for_update().get(pk=promotion.pk)
    return found


def _tell(promotion: Promotion, told: dict[str, Any]) -> None:
    """Take over what was told, and refuse what makes no sense."""
    assert set(told) <= set(EDITABLE), told
    for name, value in told.items():
        setattr(promotion, name, value)
    promotion.name = " ".join(promotion.name.split())
    promotion.note = " ".join(promotion.note.split())
    promotion.skus = _once(promotion.skus)
    promotion.countries = [one.casefold() for one in _once(promotion.countries)]
    if not promotion.name:
        raise BadPromotion(why=_("Give it a name that people recognise."), field="name")
    if promotion.first_day is None or promotion.last_day is None:
        raise BadPromotion(why=_("Say its first and its last day."), field="last_day")
    if promotion.last_day < promotion.first_day:
        raise BadPromotion(why=_("Its last day is before its first."), field="last_day")
    if {"first_day", "last_day"} & set(told) and promotion.last_day < house_day():
        raise BadPromotion(why=_("Its last day has passed already."), field="last_day")
    if promotion.discount is None or not 0 < promotion.discount < 1:
        raise BadPromotion(why=_("A promotion takes off more than 0 % and less than 100 %."), field="discount")
    if "discount" in told and promotion.discount > (limit := most()):
        raise TooDeep(most=f"{(limit * 100).normalize():f}")
    if promotion.audience not in Audience.values:
        raise BadPromotion(why=_("Say for which accounts it is."), field="audience")
    if "skus" in told:
        _check_products(promotion.skus)


def _once(words: Iterable[str]) -> list[str]:
    """Each word once, in its order, without what is empty."""
    return list(dict.fromkeys(word for one in words if (word := " ".join(one.split()))))


def _check_products(skus: list[str]) -> None:
    if len(skus) > MOST_PRODUCTS:
        raise BadPromotion(
            why=_("At most {most} products by name; leave them out for all.").format(most=MOST_PRODUCTS), field="skus"
        )
    known = set(Product.objects.shown().filter(sku__in=skus).values_list("sku", flat=True))
    if lost := [sku for sku in skus if sku not in known]:
        raise BadPromotion(why=_("Not in the catalogue: {skus}.").format(skus=", ".join(lost)), field="skus")
