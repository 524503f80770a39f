"""Telling the joint view what lies in stock and what it is worth, product by product, when it has changed.

It is a state, not a step: what moved several times between two looks is told once, as it stands. What was told last is
kept, so that nothing is missed however the moves were committed.
"""

from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from erp.inventory.models import ValueTold
from erp.inventory.reports import stock_of
from erp.ledger.services import base_currency
from erp.products.models import Product
from integration.contracts.worth import StockValued
from integration.outbox.emitting import emit

_CHANGED = """
SELECT b.product_id FROM inventory_stockbalance b LEFT JOIN inventory_valuetold t ON t.product_id = b.product_id
 GROUP BY b.product_id, t.on_hand, t.value
HAVING (sum(b.on_hand), sum(b.value)) IS DISTINCT FROM (coalesce(t.on_hand, 0), coalesce(t.value, 0))
 ORDER BY b.product_id
"""


def tell_values() -> int:
    """Each product whose stock is another than was told, in a transaction of its own; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED)
        changed = [product for (product,) in cursor.fetchall()]
    return sum(_tell(product) for product in changed)


@transaction.atomic
def _tell(product: UUID) -> bool:
    fact = fact_of(product)
    known = ValueTold.objects.get(product=product)
    if (known.on_hand, known.value) == (fact.on_hand, fact.value):
        return False
    known.on_hand, known.value, known.told_at = fact.on_hand, fact.value, fact.as_of
    known.save()
    emit(fact)
    return True


def fact_of(product: UUID) -> StockValued:
    """The product's stock as it stands; whoever tells it holds the row that says what was told last."""
    ValueTold.objects.get_or_create(product_id=product)
    held = ValueTold.objects.select_for_update(of=("self",)).select_related("product").get(product=product)
    found: Product = held.product
    stock = stock_of(found)
    return StockValued(
        sku=found.sku,
        on_hand=stock.on_hand,
        value=stock.value,
        currency=base_currency(),
        as_of=timezone.now(),
    )
