"""The usual round: work on both sides, a strike in the middle of it, and a look at what became of all of it."""

import time
from collections.abc import Callable

from chaos.ground import CHANGES, PAUSE, TRADERS, Ground, Report

Strike = Callable[[int], float | None]


def in_rounds(ground: Ground, tag: str, rounds: int, strike: Strike) -> Report:
    """People open and change customers and products, each on their side; in the middle of it the strike falls; all they
    did arrives on the other side, once, in order.

    A strike may say when it fell; otherwise it fell when it was called.
    """
    report = Report(tag)
    ground.open(tag)
    for number in range(rounds):
        for _part in range(3):
            for side in TRADERS:
                ground.begin("change", tag, side, count=CHANGES // 6, pause=PAUSE)
                ground.begin("open", tag, side, pause=PAUSE)
        began = time.monotonic()
        struck = strike(number) or began
        ground.finish()
        ground.settle()
        report.recovered(time.monotonic() - struck)
    ground.count(tag, report)
    return report
