"""Too much at once, and too much refused."""

from collections.abc import Sequence
from statistics import median

from integration.hub.detectors.base import Finding, finding

WARM_UP = 60  # busy minutes seen before there is a habit
NEVER_BELOW = 30  # so many a minute are nobody's flood
SPREADS = 12
REJECTS_AT_LEAST = 10
REJECT_SHARE = 0.5


def volume(now: int, minutes: Sequence[int]) -> Finding | None:
    """So many events in a minute as were never usual: far above median and spread, and twice the highest seen.

    Median and median deviation are not moved by a few wild minutes. Pauses the contract.

    >>> volume(500, [4, 5, 6] * 30) is not None, volume(25, [4, 5, 6] * 30), volume(500, [4, 5, 6])
    (True, None, None)
    """
    limit = habit_limit(minutes)
    if limit is None or now <= limit:
        return None
    return finding("volume", ("events in a minute", now, f"at most {limit}"), scope="contract")


def habit_limit(minutes: Sequence[int]) -> int | None:
    """How many events in a minute are still usual; None while it is too early to say.

    >>> habit_limit([4, 5, 6] * 30)
    30
    """
    if len(minutes) < WARM_UP:
        return None
    middle = median(minutes)
    spread = median(abs(count - middle) for count in minutes)
    ordinary = sorted(minutes)[int(len(minutes) * 0.99) - 1]
    return max(NEVER_BELOW, round(middle + SPREADS * max(spread, 1)), 2 * ordinary)


def reject_rate(refused: int, taken: int, scope: str) -> Finding | None:
    """At least ten refused, and half of all: something is wrong with all of them, not with one.

    >>> reject_rate(12, 3, "contract") is not None, reject_rate(12, 300, "contract"), reject_rate(3, 0, "contract")
    (True, None, None)
    """
    if refused < REJECTS_AT_LEAST or refused < REJECT_SHARE * (refused + taken):
        return None
    return finding("reject-rate", ("refused", f"{refused} of {refused + taken}", "less than half"), scope=scope)
