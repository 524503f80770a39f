"""A proxy between two sides that loses, delays, cuts, doubles and shuffles what passes through it."""

import contextlib
import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chaos.hops import pieces, sender_of, statuses

TIMEOUT = 30.0
COPIES, AGAIN_AT_MOST, LINES = 50, 5, 4
# Longer than a sender waits for an answer (`integration.courier.TIMEOUT`).
LATE_SECONDS = 11.0


class Proxy:
    """Hands HTTP requests on to a port, each the way `mode` says.

    `pass`; `hold` it back until the mode is another; `drop` the answer; `delay` it; `late`, so that its sender waits no
    more; `cut` it in the middle; `deaf` (nothing comes back, the line stays open); `shuffle` (each delivery by itself
    and one to five times more, in any order, on several lines); `crowd` (fifty copies at once, none before the others).
    """

    def __init__(self) -> None:
        self.port = 0
        self.var = Path()
        self.mode, self.sender = "pass", ""
        self.happened = 0
        self.firsts: list[int] = []  # of each event in a crowd: how many of its copies were taken for new
        self.gaps = 0  # deliveries that came before their time
        self._shuffles = 0
        self._socket = socket.socket()
        self._closing = False

    def listen(self) -> int:
        """Start; the port it listens on."""
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(128)
        threading.Thread(target=self._accept, daemon=True).start()
        return int(self._socket.getsockname()[1])

    def strike(self, mode: str, sender: str = "") -> None:
        """From now on; only what this side sends, if one is named."""
        self.sender = sender
        self.mode = mode

    def close(self) -> None:
        """No more."""
        self._closing = True
        self._socket.close()

    def _accept(self) -> None:
        while not self._closing:
            with contextlib.suppress(OSError):
                link, _address = self._socket.accept()
                threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link: socket.socket) -> None:
        link.settimeout(120)
        with link, contextlib.suppress(OSError, ValueError):
            while request := _message(link):
                if not self._answer(link, request):
                    return

    def _mode_for(self, request: bytes) -> str:
        if not request.startswith(b"POST /events") or (self.sender and sender_of(request) != self.sender):
            return "pass"
        return self.mode

    def _answer(self, link: socket.socket, request: bytes) -> bool:
        while (mode := self._mode_for(request)) == "hold":
            time.sleep(0.01)
        treat = {"crowd": self._crowd, "shuffle": self._shuffled}.get(mode, self._exchange)
        response = treat(request)
        self.happened += mode != "pass"
        if mode == "drop":
            return False
        if mode == "delay":
            time.sleep(random.uniform(0.3, 1.5))
        if mode == "late":
            time.sleep(LATE_SECONDS)
        if mode == "deaf":
            time.sleep(random.uniform(1.0, 3.0))
            return False
        if mode == "cut":
            link.sendall(response[: random.randrange(1, max(2, len(response)))])
            return False
        link.sendall(response)
        return bool(response)

    def _exchange(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT) as target:
            target.sendall(request)
            return _message(target)

    def _shuffled(self, request: bytes) -> bytes:
        """Every delivery alone and one to five times more, in any order. Every second time the line then breaks, and
        the sender finds out by itself what was taken; otherwise its own request comes last. Not by chance: after
        several breaks in a row a sender tries single events, and with those nothing can come before its time."""
        self._shuffles += 1
        breaks = self._shuffles % 2 == 0
        copies = [piece for piece in pieces(request, self.var) for _copy in range(1 + random.randint(1, AGAIN_AT_MOST))]
        random.shuffle(copies)
        with ThreadPoolExecutor(LINES) as lines:
            self.gaps += sum(409 in answered for answered in lines.map(self._statuses, copies))
        return b"" if breaks else self._exchange(request)

    def _statuses(self, request: bytes) -> list[int]:
        try:
            return statuses(self._exchange(request))
        except OSError:
            return []

    def _crowd(self, request: bytes) -> bytes:
        """All copies race for what none of them has brought yet; the sender gets the answer to one of them."""
        answers = [b""] * COPIES
        start = threading.Barrier(COPIES)

        def race(place: int) -> None:
            with (
                contextlib.suppress(OSError, threading.BrokenBarrierError),
                socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT) as target,
            ):
                start.wait(TIMEOUT)
                target.sendall(request)
                answers[place] = _message(target)

        threads = [threading.Thread(target=race, args=(place,)) for place in range(COPIES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = [answer for answer in map(statuses, answers) if answer]
        size = max(map(len, found), default=0)
        whole = [answer for answer in found if len(answer) == size]
        self.firsts += [sum(answer[event] == 202 for answer in whole) for event in range(size)]
        return answers[0]


def _message(link: socket.socket) -> bytes:
    """One whole HTTP message that says its length; nothing when the line was closed."""
    got = b""
    while b"\r\n\r\n" not in got:
        part = link.recv(65536)
        if not part:
            return b""
        got += part
    head, _blank, body = got.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _colon, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        part = link.recv(65536)
        if not part:
            return b""
        body += part
    return head + b"\r\n\r\n" + body
