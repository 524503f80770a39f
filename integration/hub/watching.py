"""The watchdog: a process of its own that sweeps, alerts and seals, and shows that it lives.

Each part has a thread and a pulse. The sides are shown the pulse of alerting (`integration.inbox.watch`); when it stops
they alarm their own people: what watches is watched from outside.
"""

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections, connection
from django.utils import timezone

from integration.hub import alerting, bridging, chain, lookout, observing, stuck, sweeping
from integration.hub.lookout import LATE
from integration.hub.models import Pulse, Seal
from integration.liaison.asking import NoAnswer, ask

log = logging.getLogger(__name__)

PARTS = ("sweep", "alert", "seal", "observe", "pulse", "sides")


def _sweep(habits: sweeping.Habits) -> Callable[[], None]:
    def once() -> None:
        sweeping.sweep_volume(habits)
        sweeping.sweep_rejects()

    return once


def _alert() -> None:
    alerting.look()
    alerting.tell()


def _observe() -> None:
    while observing.try_waiting():
        pass


def _seal() -> None:
    while chain.seal_batch() is not None:
        pass


def _show_pulse() -> None:
    """The sides see that alerting lives, and keep the archive's head outside of it; one that is away is skipped."""
    beat = Pulse.objects.filter(name="alert").first()
    if beat is None or timezone.now() - beat.at > LATE:
        return  # a watch that does not alert must not look alive
    last = Seal.objects.order_by("-number").first()
    for side in ("crm", "erp"):
        try:
            ask(side, "pulse", timeout=5.0, head=last.head if last else "", seal=last.number if last else 0)
        except NoAnswer as fault:
            log.info("no pulse shown: %s", fault)


def _sides() -> None:
    stuck.look(lookout.hear())
    bridging.try_waiting()


def parts() -> dict[str, tuple[float, Callable[[], None]]]:
    """Every part with its rhythm in seconds."""
    return {
        "sweep": (1.0, _sweep(sweeping.Habits())),
        "alert": (2.0, _alert),
        "seal": (30.0, _seal),
        "observe": (2.0, _observe),
        "pulse": (30.0, _show_pulse),
        "sides": (15.0, _sides),
    }


def run(stop: threading.Event) -> None:
    """Run all parts until told to stop; a part that fails goes on, a thread that ends ends the process."""
    _begin()
    connection.close()
    threads = [
        threading.Thread(target=_loop, args=(name, seconds, once, stop), name=f"watch-{name}", daemon=True)
        for name, (seconds, once) in parts().items()
    ]
    for thread in threads:
        thread.start()
    while not stop.wait(1):
        if not all(thread.is_alive() for thread in threads):
            raise RuntimeError("a part of the watch ended")
    for thread in threads:
        thread.join(timeout=5)


def _begin() -> None:
    """What stood still while no watch ran is not late yet; only alerting is seen alive by what it does."""
    Pulse.objects.exclude(name__in=PARTS).exclude(name__startswith=lookout.SIDE).delete()
    Pulse.objects.filter(name="alert").delete()
    for name in PARTS:
        if name != "alert":
            Pulse.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def _loop(name: str, seconds: float, once: Callable[[], None], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            once()
            Pulse.objects.update_or_create(name=name, defaults={"at": timezone.now()})
        except Exception:
            log.exception("the watch's part %s failed; trying again", name)
            connection.close()
        close_old_connections()
        stop.wait(seconds)
    connection.close()


def late_parts() -> list[str]:
    """Parts whose pulse stands still."""
    beats = dict(Pulse.objects.values_list("name", "at"))
    now = timezone.now()
    return [name for name in PARTS if name not in beats or now - beats[name] > LATE]
