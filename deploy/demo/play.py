"""`./manage.py demo`: all of it on real orders, in a deployment of its own that is gone afterwards.

ORDERS   how many of Northwind's 830 orders, by date (200)
KEEP=1   leave the deployment running and say where it is
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from deploy.demo import checks, facts, northwind, opening, report
from deploy.demo.actors import Unexpected
from deploy.demo.deployment import Deployment, DidNotOpen
from deploy.demo.northwind import Order
from deploy.demo.opening import World
from deploy.demo.story import Told, tell
from deploy.demo.waiting import TooLate

ORDERS_DEFAULT = 200
HANDS = 2  # orders in work at the same time; more would measure the queue before the processors, not the wire
SHOWN = 20  # findings
OK, CHECKS_FAILED, BAD_WORDS, INTERRUPTED = 0, 1, 2, 130


def main() -> int:
    """Play and judge; 0 when every check holds."""
    try:
        wanted = int(os.environ.get("ORDERS") or ORDERS_DEFAULT)
        orders = northwind.orders(wanted) if wanted > 0 else ()
    except ValueError:
        orders = ()
    if not orders:
        print("ORDERS is a number from 1 to 830.", file=sys.stderr)
        return BAD_WORDS
    keep = os.environ.get("KEEP", "") not in ("", "0")
    for number in (signal.SIGINT, signal.SIGTERM):  # also where the shell started us with SIGINT ignored
        signal.signal(number, _as_interrupt)
    deployment = Deployment(keep)
    try:
        return _run(deployment, orders)
    except KeyboardInterrupt:
        print("\nStopped before the end.", file=sys.stderr)
        deployment.keep = False
        return INTERRUPTED
    except (DidNotOpen, Unexpected, TooLate) as failure:
        print(f"\n{failure}\n{kept(deployment)}", file=sys.stderr)
        return CHECKS_FAILED
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # nothing may interrupt the cleaning up
        deployment.close()


def play(world: World, orders: Sequence[Order]) -> list[Told]:
    """Every order by date, a few at a time."""
    progress, stop = report.Progress(len(orders)), threading.Event()

    def one(order: Order) -> Told | None:
        return None if stop.is_set() else tell(order, world)

    done: list[Told] = []
    with ThreadPoolExecutor(HANDS) as hands:
        try:
            for future in as_completed([hands.submit(one, order) for order in orders]):
                told = future.result()
                if told is not None:
                    done.append(told)
                    progress.show(len(done))
        except BaseException:
            stop.set()
            raise
    return sorted(done, key=lambda told: (told.order.ordered_on, told.order.number))


def _run(deployment: Deployment, orders: Sequence[Order]) -> int:
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"[{time.monotonic() - began:6.1f} s] {what}", flush=True)

    say(f"starting a Heming of its own in {deployment.var}")
    deployment.start()
    world = World.of(deployment)
    opening.prepare(world, orders, say)
    say(f"{len(orders)} orders, {orders[0].ordered_on} to {orders[-1].ordered_on}")
    told = play(world, orders)
    say("waiting until every event has arrived")
    queues = facts.settled(deployment)
    say("comparing both sides")
    found = facts.gather(world, told, queues)
    wrong = checks.failures(told, found)
    summary = checks.summary(told, found, time.monotonic() - began)
    print(f"\n{report.table(summary)}\n")
    print(verdict(wrong))
    print(kept(deployment))
    print(report.last_line(summary), flush=True)
    return CHECKS_FAILED if wrong else OK


def verdict(wrong: Sequence[str]) -> str:
    """One sentence when all is well, otherwise what is not."""
    if not wrong:
        return "Nothing lost, nothing doubled, the books balance, and every order went the way it should."
    more = [f"… and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
    return "\n".join([f"{len(wrong)} checks failed:", *(f"  {what}" for what in wrong[:SHOWN]), *more])


def kept(deployment: Deployment) -> str:
    """Where it goes on running, if it does."""
    if not deployment.keep:
        return ""
    return f"It goes on running: {deployment.file}\nStop it with: HEMING_VAR={deployment.var} ./manage.py down\n"


def _as_interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
