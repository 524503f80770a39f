"""How a second terminal talks to the running deployment: one JSON line each way over a socket in `var/` (0600)."""

import contextlib
import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Answer = dict[str, Any]
ANSWER_TIMEOUT_S = 900.0  # starting a side may include its migrations


class NotRunning(Exception):
    """No deployment of this `var` folder is running."""


def ask(var: Path, **request: Any) -> Answer:
    """Send one request and wait for its answer."""
    with socket.socket(socket.AF_UNIX) as link, _short_path(var) as path:
        link.settimeout(ANSWER_TIMEOUT_S)
        try:
            link.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            raise NotRunning from None
        link.sendall(json.dumps(request).encode() + b"\n")
        line = link.makefile("rb").readline()
    if not line:
        raise NotRunning
    answer: Answer = json.loads(line)
    return answer


@contextlib.contextmanager
def listening(var: Path, answer: Callable[[Answer], Answer]) -> Iterator[None]:
    """Answer requests, each in a thread of its own, until the block ends."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            request = json.loads(self.rfile.readline() or b"{}")
            with contextlib.suppress(BrokenPipeError):
                self.wfile.write(json.dumps(answer(request)).encode() + b"\n")

    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True
        block_on_close = False

    (var / "control").unlink(missing_ok=True)
    with _short_path(var) as path:
        before = os.umask(0o177)
        try:
            server = Server(path, Handler)
        finally:
            os.umask(before)
    threading.Thread(target=server.serve_forever, name="control", daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        (var / "control").unlink(missing_ok=True)


@contextlib.contextmanager
def _short_path(var: Path) -> Iterator[str]:
    """A socket's path may have 107 bytes and `var` may be deep: go through the folder's descriptor."""
    var.mkdir(parents=True, exist_ok=True)
    folder = os.open(var, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/control"
    finally:
        os.close(folder)
