"""A proxy between two sides that loses, delays, cuts and doubles what passes through it."""

import contextlib
import random
import socket
import threading
import time

TIMEOUT = 30.0


class Proxy:
    """Hands HTTP requests on to a port, each the way `mode` says.

    `pass`; `drop` the answer; `delay` it; `cut` it in the middle; `deaf` (nothing comes back, the line stays open);
    `double` (the same request again, up to five times, shuffled); `crowd` (fifty copies at once).
    """

    def __init__(self) -> None:
        self.port = 0
        self.mode = "pass"
        self.happened = 0
        self._socket = socket.socket()
        self._kept: list[bytes] = []
        self._closing = False

    def listen(self) -> int:
        """Start; the port it listens on."""
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(128)
        threading.Thread(target=self._accept, daemon=True).start()
        return int(self._socket.getsockname()[1])

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

    def _answer(self, link: socket.socket, request: bytes) -> bool:
        mode = self.mode if request.startswith(b"POST /events") else "pass"
        if mode == "double":
            self._kept.append(request)
        response = self._exchange(request)
        self.happened += mode != "pass"
        if mode == "drop":
            return False
        if mode == "delay":
            time.sleep(random.uniform(0.3, 1.5))
        if mode == "deaf":
            time.sleep(random.uniform(1.0, 3.0))
            return False
        if mode == "cut":
            link.sendall(response[: random.randrange(1, max(2, len(response)))])
            return False
        if mode == "crowd":
            self._crowd(request)
        if mode == "double" and len(self._kept) >= 3:
            self._again()
        link.sendall(response)
        return bool(response)

    def _exchange(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT) as target:
            target.sendall(request)
            return _message(target)

    def _again(self) -> None:
        """What passed lately, each one to five times more, in any order."""
        copies = [request for request in self._kept for _copy in range(random.randint(1, 5))]
        self._kept.clear()
        random.shuffle(copies)
        for request in copies:
            with contextlib.suppress(OSError):
                self._exchange(request)

    def _crowd(self, request: bytes) -> None:
        def once() -> None:
            with contextlib.suppress(OSError):
                self._exchange(request)

        threads = [threading.Thread(target=once) for _copy in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


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
