"""What the line between two sides does to what passes: each round on another of the four ways."""

import time
from collections.abc import Callable

from chaos.ground import TRADERS, Fault, Ground, Report, wait
from chaos.proxy import Proxy
from chaos.rounds import in_rounds

# From whom to whom.
WAYS = (("crm", "integration"), ("integration", "erp"), ("erp", "integration"), ("integration", "crm"))
STRUCK_SECONDS, STRUCK_WITHIN = 0.7, 10.0
HELD_AT_MOST = 3.0  # a sender waits for longer
# Changes in one transaction and of so many records: even if the first few leave by themselves, one delivery brings so
# many of each that no shuffling leaves them all in order.
AT_ONCE, AMONG = 40, 4


def bad_line(mode: str) -> Fault:
    """The line misbehaves for a while, then is well again."""
    return _fault(lambda _number: mode)


def reply_delayed(ground: Ground, tag: str, rounds: int) -> Report:
    """Answers come late; in one round of five so late that their sender has given up: what is there is sent again."""

    def mode(number: int) -> str:
        return "late" if number % (len(WAYS) + 1) == len(WAYS) else "delay"

    return _fault(mode)(ground, tag, rounds)


def doubled_and_shuffled(ground: Ground, tag: str, rounds: int) -> Report:
    """What is new arrives in any order, each one to five times more; what is too early is refused and comes again."""
    report = _fault(lambda _number: "shuffle", lambda proxy: proxy.gaps, gathered=True)(ground, tag, rounds)
    report.more["gaps"] = sum(proxy.gaps for proxy in ground.proxies.values())
    return report


def fifty_at_once(ground: Ground, tag: str, rounds: int) -> Report:
    """Fifty copies of what nobody has seen yet: one is taken for new, the others for what they are."""
    report = _fault(lambda _number: "crowd")(ground, tag, rounds)
    firsts = [taken for proxy in ground.proxies.values() for taken in proxy.firsts]
    report.more["new"] = sum(taken == 1 for taken in firsts)
    report.more["failed"] = report.more["failed"] or report.more["new"] < rounds or any(taken > 1 for taken in firsts)
    return report


def _fault(
    mode: Callable[[int], str], seen: Callable[[Proxy], int] = lambda proxy: proxy.happened, gathered: bool = False
) -> Fault:
    """Each round one way is struck; a round in which what is to be seen was not seen there fails the fault."""

    def fault(ground: Ground, tag: str, rounds: int) -> Report:
        missed: list[str] = []
        struck = 0
        for proxy in ground.proxies.values():
            proxy.firsts, proxy.gaps = [], 0

        def strike(number: int) -> None:
            nonlocal struck
            sender, to = WAYS[number % len(WAYS)]
            proxy = ground.proxies[to]
            before, happened = seen(proxy), proxy.happened
            if gathered:
                _gather(ground, tag, to, sender)
            proxy.strike(mode(number), sender)
            began = time.monotonic()
            if not wait(lambda: seen(proxy) > before, STRUCK_WITHIN):
                missed.append(f"{number} {sender}>{to}")
            time.sleep(max(0.0, began + STRUCK_SECONDS - time.monotonic()))
            struck += proxy.happened - happened
            proxy.strike("pass")

        report = in_rounds(ground, tag, rounds, strike)
        report.more = {"struck": struck, "failed": bool(missed)} | ({"missed": missed} if missed else {})
        return report

    return fault


def _gather(ground: Ground, tag: str, to: str, sender: str) -> None:
    """The round's work waits on this way, several changes of each record, so that it will come at once."""
    ground.proxies[to].strike("hold", sender)
    for side in TRADERS:
        ground.begin("change", tag, side, count=AT_ONCE, together=AT_ONCE, among=AMONG)
    ground.finish()
    if sender == "integration":
        wait(lambda: not any(name.endswith("outbox_message") for name in ground.open_rows()), HELD_AT_MOST)
