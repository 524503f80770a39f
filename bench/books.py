"""The books when they are old: a trial balance of any day over five million lines, against the same over young books.

The entries are written past the posting function (bench/_many_entries.py), then folded as the worker does it; some are
posted after that through the front door, so that what is behind the watermark counts too.
"""

import random
import statistics
import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from bench._many_entries import fill
from deploy.trials import Figure, manage, own_server, say

YOUNG, OLD = 100_000, 5_000_000
DAYS = 40
UNFOLDED = 300


def figures() -> Iterator[Figure]:
    """Young books first, then the same books grown old."""
    with own_server("erp") as var:
        manage(var, "erp", "seed_company")
        young = _trial_balance(var, YOUNG)
        old = _trial_balance(var, OLD)
        yield Figure("tb_5m_ms", value=old, unit="ms", at_most=60)
        yield Figure("tb_growth", value=old, reference=young, unit="ms", at_most=1.5)


def _trial_balance(var: Path, lines: int) -> float:
    """Milliseconds of a trial balance of some month in the middle of three years, the slower ones."""
    from erp.ledger import sealing
    from erp.ledger.reports import trial_balance
    from erp.ledger.services import Line, Posting, company, post

    began = time.monotonic()
    fill(var, lines)
    filled = time.monotonic()
    sealing.fold()
    say(f"{lines} lines: written in {filled - began:.0f} s, folded in {time.monotonic() - filled:.0f} s")
    for number in range(UNFOLDED):
        amount = Decimal(number + 1)
        pair = [Line("6100", debit=amount), Line("bank", credit=amount)]
        post(
            Posting("general", date(2026, 6, 1) + timedelta(days=number % 90), "Bench", f"late:{lines}:{number}", pair)
        )
    taken = []
    for _turn in range(DAYS):
        until = date(2024, 1, 1) + timedelta(days=random.randrange(3 * 365))
        began = time.perf_counter()
        balance = trial_balance(company(), until, until.replace(day=1))
        taken.append((time.perf_counter() - began) * 1000)
        if balance.difference:
            raise RuntimeError(f"the books do not balance on {until}: {balance.difference}")
    say(f"{lines} lines: trial balance {statistics.median(taken):.1f} ms, at most {max(taken):.1f} ms")
    return statistics.quantiles(taken, n=20)[-1]
