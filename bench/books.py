"""The books when they are young and when they are old: posting, import in sets, trial balance, closing and the proof.

Entries are posted one by one and in sets through the front door. The many that make books old are written past the
posting function (bench/_many_entries.py), then folded as the worker does it; some are posted after that through the
front door, so that what is behind the watermark counts too.
"""

import random
import statistics
import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from bench import _sets, post
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
        yield Figure("close_100k_s", value=_closing(), unit="s", at_most=60)
        yield from post.ratios(var, "post_")
        ours, copied = _sets.rates(var)
        yield Figure("import_ratio", value=ours, reference=copied, unit="entries/s", at_least=0.3)
        old = _trial_balance(var, OLD)
        yield Figure("tb_5m_ms", value=old, unit="ms", at_most=60)
        yield Figure("prove_5m_s", value=_proof(), unit="s", at_most=60)
        yield Figure("tb_growth", value=old, reference=young, unit="ms", at_most=1.5)


def _trial_balance(var: Path, lines: int) -> float:
    """Milliseconds of a trial balance of some month in the middle of three years, the slower ones."""
    from erp.ledger import sealing, services
    from erp.ledger.reports import trial_balance
    from erp.ledger.services import Line, Posting, company

    began = time.monotonic()
    fill(var, lines)
    filled = time.monotonic()
    sealing.fold()
    say(f"{lines} lines: written in {filled - began:.0f} s, folded in {time.monotonic() - filled:.0f} s")
    for number in range(UNFOLDED):
        amount = Decimal(number + 1)
        pair = [Line("6100", debit=amount), Line("bank", credit=amount)]
        services.post(
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


def _closing() -> float:
    """Seconds of closing every month of the books, checklist, seals and all; taken back afterwards."""
    from django.contrib.auth import get_user_model
    from django.db import transaction

    from erp.ledger import closing, sealing
    from erp.ledger.models import Period

    anna = get_user_model().objects.create_superuser("anna")
    began = time.monotonic()
    with transaction.atomic():
        for period in Period.objects.filter(starts_on__year__range=(2024, 2026)).order_by("starts_on"):
            closing.close(period, anna, "closed", "bench")
        sealing.seal()
        transaction.set_rollback(True)
    return time.monotonic() - began


def _proof() -> float:
    """Seconds of asking every invariant of the old books; they hold."""
    from erp.proof.services import prove

    began = time.monotonic()
    run = prove()
    taken = time.monotonic() - began
    slowest = sorted(run.findings.all(), key=lambda one: -one.duration_ms)[:5]
    say("prove: " + ", ".join(f"{one.code} {one.duration_ms / 1000:.1f} s" for one in slowest))
    broken = [one.code for one in run.findings.all() if not one.holds]
    if broken:
        raise RuntimeError(f"the books of the bench do not hold: {broken}")
    return taken
