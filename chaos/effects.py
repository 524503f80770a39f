"""How effects are counted: what people said on one side against what became of it on the other.

Neither outbox nor archive nor inbox is asked. What was said is what the database acknowledged to those who said it, and
what the side's own tables have of it; what became of it is the history of the same record in the other side's tables.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Rows = Callable[[str, str, list[Any]], Iterable[Any]]
Names = Mapping[str, list[str]]


@dataclass(frozen=True)
class Trade:
    """What one side says and the other does: a name for each record after the other.

    `told_once` counts for each record what must have come to be exactly once, and on which side.
    """

    side: str
    other: str
    said: str
    done: str
    told_once: tuple[tuple[str, str], ...]


CUSTOMERS = Trade(
    "crm",
    "erp",
    "SELECT id::text, name FROM accounts_historicalaccount WHERE name LIKE %s ORDER BY history_id",
    "SELECT customer::text, name FROM parties_historicalparty WHERE name LIKE %s ORDER BY history_id",
    (
        # The ERP knows the customer once, and says so: its timeline in the CRM has one line of it.
        (
            "erp",
            """SELECT customer::text, count(*) FROM parties_historicalparty
               WHERE history_type = '+' AND customer IN (SELECT customer FROM parties_party WHERE name LIKE %s)
               GROUP BY 1""",
        ),
        (
            "crm",
            """SELECT a.id::text, count(*) FROM accounts_account a JOIN activities_entry e ON e.account_id = a.id
               WHERE a.name LIKE %s AND e.kind = 'erp_party_opened' GROUP BY 1""",
        ),
        # Its deal is one order there, and the deal knows of it.
        (
            "erp",
            """SELECT p.customer::text, count(*) FROM parties_party p JOIN orders_order o ON o.party_id = p.id
               WHERE p.name LIKE %s GROUP BY 1""",
        ),
        (
            "crm",
            """SELECT a.id::text, count(*) FROM accounts_account a JOIN pipeline_deal d ON d.account_id = a.id
               JOIN pipeline_dealorder o ON o.deal_id = d.id
               WHERE a.name LIKE %s AND o."order" IS NOT NULL GROUP BY 1""",
        ),
    ),
)
PRODUCTS = Trade(
    "erp",
    "crm",
    "SELECT sku, name FROM products_historicalproduct WHERE name LIKE %s ORDER BY history_id",
    "SELECT sku, name FROM catalogue_historicalproduct WHERE name LIKE %s ORDER BY history_id",
    (
        (
            "crm",
            """SELECT p.sku, count(*) FROM catalogue_product p JOIN catalogue_historicalpriceversion v
               ON v.product_id = p.id WHERE p.name LIKE %s GROUP BY 1""",
        ),
    ),
)
TRADES = (CUSTOMERS, PRODUCTS)


@dataclass
class Tally:
    """How many effects are missing, there too often, or came before an earlier one."""

    lost: int = 0
    doubled: int = 0
    reordered: int = 0

    def compare(self, said: Names, done: Names) -> None:
        """Each name once, in the order it was said."""
        for key, names in said.items():
            seen = done.get(key, [])
            places = [names.index(name) for name in dict.fromkeys(seen) if name in names]
            self.lost += len(set(names) - set(seen))
            self.doubled += (Counter(seen) - Counter(names)).total()
            self.reordered += sum(later < earlier for earlier, later in pairwise(places))
        self.doubled += sum(len(names) for key, names in done.items() if key not in said)

    def compare_once(self, keys: Iterable[str], counts: Mapping[str, int]) -> None:
        """Each of them, and once."""
        for key in keys:
            self.lost += key not in counts
            self.doubled += max(0, counts.get(key, 0) - 1)


def tally(rows: Rows, trade: Trade, pattern: str, acknowledged: Names) -> Tally:
    """Everything that people of one side said under a tag, as `pattern` finds it."""
    found = Tally()
    said = {key: list(dict.fromkeys(names)) for key, names in _by_key(rows(trade.side, trade.said, [pattern])).items()}
    for key, names in acknowledged.items():
        held = said.setdefault(key, [])
        gone = [name for name in names if name not in held]  # acknowledged, and its own side has not got it
        found.lost += len(gone)
        held.extend(gone)
    found.compare(said, _by_key(rows(trade.other, trade.done, [pattern])))
    for side, statement in trade.told_once:
        found.compare_once(said, dict(rows(side, statement, [pattern])))
    return found


def _by_key(rows: Iterable[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, name in rows:
        found.setdefault(key, []).append(name)
    return found
