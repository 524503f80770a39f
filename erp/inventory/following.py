"""Who wants to know that goods have become free: domains above add a function in their `AppConfig.ready`.

    following.FREED.append(allocate_waiting)   # function(product)

Called after the commit, in a transaction of its own: who waits is served from what really lies there, and the locks
are taken in everybody's order (order before stock).
"""

from collections.abc import Callable
from functools import partial

from django.db import transaction

from erp.products.models import Product

FREED: list[Callable[[Product], object]] = []


def freed(product: Product) -> None:
    """Tell everybody once this transaction has committed; the goods are in, whatever a follower makes of it."""
    for follow in FREED:
        transaction.on_commit(partial(follow, product), robust=True)
