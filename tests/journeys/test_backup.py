"""The restore drill: a backup is taken while deals are being won, and put up again elsewhere."""

import json
import shutil
import tempfile
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.journeys.running import Running, ok, until
from tests.journeys.test_thread import a_product, an_account, order_of, orders_of, won_deal

pytestmark = pytest.mark.journey


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder for the backup and what comes of it."""
    folder = Path(tempfile.mkdtemp(prefix="heming-drill-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


RIGHTS = """
SELECT relname::text, (SELECT array_agg(acl::text ORDER BY acl::text) FROM unnest(relacl) acl) FROM pg_class
WHERE relnamespace = 'public'::regnamespace
UNION ALL
SELECT proname::text, (SELECT array_agg(acl::text ORDER BY acl::text) FROM unnest(proacl) acl) || prosecdef::text
FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT tgname::text, ARRAY[tgenabled::text] FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT defaclobjtype::text, (SELECT array_agg(acl::text ORDER BY acl::text) FROM unnest(defaclacl) acl)
FROM pg_default_acl ORDER BY 1, 2
"""


def deals_won_in(running: Running) -> set[str]:
    return {str(pk) for (pk,) in running.query("crm", "SELECT id FROM pipeline_deal WHERE status = 'won'")}


def test_a_backup_taken_while_deals_are_won_comes_up_whole(running: Running, elsewhere: Path) -> None:
    account, sku = an_account(running), a_product(running)
    first = won_deal(running, account, sku)
    order_of(running, first)
    won, enough = [first], threading.Event()

    def keep_winning() -> None:
        while not enough.is_set():
            won.append(won_deal(running, account, sku, "1"))

    seller = threading.Thread(target=keep_winning)
    seller.start()
    try:
        until(lambda: len(won) > 3, 30, "some deals to be won")
        running.command("backup", str(elsewhere / "backup"))
    finally:
        enough.set()
        seller.join(30)
    assert sorted(json.loads((elsewhere / "backup" / "manifest.json").read_text())["sides"]) == [
        "crm", "erp", "integration",
    ]  # fmt: skip

    restored = Running(elsewhere / "var", before=("restore", str(elsewhere / "backup")))
    try:
        restored.settled(60)

        kept = deals_won_in(restored)
        assert first in kept
        assert set(won) & kept != set()
        doubled_or_lost = {deal: found for deal in sorted(kept) if len(found := orders_of(restored, deal)) != 1}
        assert doubled_or_lost == {}
        books = restored.api("erp", "accountant")
        assert Decimal(ok(books.get("ledger/trial-balance/"))["difference"]) == 0
        assert Decimal(ok(books.get("stock/check/"))["difference"]) == 0
        ((events, numbers),) = restored.query(
            "integration",
            "SELECT count(*), count(DISTINCT (source, partition_key, aggregate_seq)) FROM hub_archived",
        )
        assert events == numbers > 0
        for side in ("crm", "erp", "integration"):
            assert restored.query(side, RIGHTS) == running.query(side, RIGHTS), f"rights in {side}"
        # And it goes on from there: the next promise becomes an order in the restored one.
        order_of(restored, won_deal(restored, account, sku, "1"))
    finally:
        assert restored.stop() == 0
