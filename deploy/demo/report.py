"""What people see: a bar while it runs, a table at the end, and one line of JSON for programs."""

import json
import sys
import time
from collections.abc import Sequence
from typing import Any, TextIO

BAR_WIDTH = 40
LINE_EVERY = 10  # percent, where nobody looks at a terminal
REDRAW_S = 0.1


class Progress:
    """How many orders are done, in place on a terminal and as a few lines elsewhere."""

    def __init__(self, total: int, out: TextIO = sys.stdout) -> None:
        self.total, self.out = total, out
        self._live = out.isatty()
        self._began = time.monotonic()
        self._shown_at, self._shown_percent = 0.0, 0

    def show(self, done: int) -> None:
        """So many now."""
        now, percent = time.monotonic(), done * 100 // max(self.total, 1)
        if self._live:
            if done < self.total and now - self._shown_at < REDRAW_S:
                return
            print(f"\r{bar(done, self.total)}  {self._pace(done, now)} ", end="", file=self.out, flush=True)
            if done == self.total:
                print(file=self.out)
        elif done == self.total or percent >= self._shown_percent + LINE_EVERY:
            self._shown_percent = percent
            print(f"{bar(done, self.total)}  {self._pace(done, now)}", file=self.out, flush=True)
        self._shown_at = now

    def _pace(self, done: int, now: float) -> str:
        return f"{done / max(now - self._began, 0.001):.1f} orders/s"


def bar(done: int, total: int) -> str:
    """
    >>> bar(50, 200)
    '[##########..............................]  50 of 200 orders'
    """
    filled = BAR_WIDTH * done // max(total, 1)
    return f"[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {done:>{len(str(total))}} of {total} orders"


def milliseconds(seconds: Sequence[float]) -> dict[str, int]:
    """Median and 99th percentile, by nearest rank: values that really occurred.

    >>> milliseconds([0.010, 0.020, 0.030, 0.040])
    {'p50': 20, 'p99': 40}
    >>> milliseconds([])
    {'p50': 0, 'p99': 0}
    """
    ordered = sorted(seconds)

    def rank(percent: int) -> int:
        if not ordered:
            return 0
        return round(ordered[max(-(-len(ordered) * percent // 100) - 1, 0)] * 1000)

    return {"p50": rank(50), "p99": rank(99)}


def table(summary: dict[str, Any]) -> str:
    """The summary for people.

    >>> print(table({"orders": 2, "won_to_order_ms": {"p50": 20, "p99": 40}}))
    orders                   2
    won to order ms          p50 20, p99 40
    """

    def shown(value: Any) -> str:
        return ", ".join(f"{name} {one}" for name, one in value.items()) if isinstance(value, dict) else str(value)

    return "\n".join(f"{name.replace('_', ' '):24} {shown(value)}" for name, value in summary.items())


def last_line(summary: dict[str, Any]) -> str:
    """The summary for programs."""
    return json.dumps(summary, separators=(", ", ": "))
