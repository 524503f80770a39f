"""Several relays of one side on the same lanes: more of them beside the deployment's own, and what each holds."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chaos.ground import Ground, wait
from deploy.environment import ROOT

QUEUE = "outbox_message"
_HELD = """SELECT split_part(holder, ':', 2)::int, count(*) FROM outbox_lanelease
WHERE queue = %s AND expires_at > clock_timestamp() GROUP BY 1"""
# What a relay has claimed and not settled: nobody else has the token.
_CLAIMED = """SELECT m.id FROM outbox_message m JOIN outbox_lanelease l ON l.lane = m.lane AND l.token = m.claim
WHERE l.queue = %s AND m.state = 'waiting' AND split_part(l.holder, ':', 2)::int = %s"""


class Relay:
    """One more relay, in a group of processes of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process

    @property
    def pid(self) -> int:
        return self.process.pid

    def signal(self, number: int) -> None:
        """To it and its children at once, as when a machine stops."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


def lanes(ground: Ground, side: str) -> dict[int, int]:
    """How many lanes each relay holds, by its process."""
    return dict(ground.rows(side, _HELD, [QUEUE]))


def claimed(ground: Ground, side: str, relay: Relay) -> list[str]:
    """What the relay is at."""
    return [str(row[0]) for row in ground.rows(side, _CLAIMED, [QUEUE, relay.pid])]


@contextmanager
def more(ground: Ground, side: str, count: int) -> Iterator[list[Relay]]:
    """So many beside the one that runs, started with its very words and environment; all hold lanes when it yields."""
    first = ground.pid(side, "relay")
    assert first is not None, "a relay runs"
    environ = dict(pair.split("=", 1) for pair in Path(f"/proc/{first}/environ").read_text().split("\0") if "=" in pair)
    words = [word for word in Path(f"/proc/{first}/cmdline").read_text().split("\0") if word]
    with (ground.var / "log" / "chaos-relays.log").open("ab") as log:
        relays = [
            Relay(
                subprocess.Popen(
                    words, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True,
                )
            )
            for _number in range(count)
        ]  # fmt: skip
    everybody = {first, *(relay.pid for relay in relays)}
    try:
        if not wait(lambda: everybody <= lanes(ground, side).keys(), 60):
            raise RuntimeError(f"of the relays {everybody} only these hold lanes: {lanes(ground, side)}")
        yield relays
    finally:
        for relay in relays:
            relay.signal(signal.SIGKILL)
            relay.process.wait()
