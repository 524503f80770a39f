"""A side that answers the hub over HTTP: its questions, signed as a real one signs, or what it delivers."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import override_settings

from base.ids import uuid7
from integration.keys import signing_key_of
from integration.signing import hop_headers, parse_item

Answer = tuple[int, bytes, dict[str, str]]


@contextmanager
def answering(side: str, **answers: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The side answers each question (`try`, `again`, …) with these words; gives the questions it was asked."""
    asked: list[dict[str, Any]] = []

    def answer(body: bytes) -> Answer:
        question = json.loads(body)
        asked.append(question)
        told = {"from": side, "to": "integration", "ask": question["ask"], "told": answers[question["ask"]]}
        words = json.dumps(told).encode()
        # No override here: two threads that end theirs in the wrong order would leave a side behind for all tests.
        key = signing_key_of(side, "hop", Path(settings.VAR_DIR) / side / "keys")
        return 200, words, hop_headers(words, str(uuid7()), key=key)

    with door(side, answer):
        yield asked


@contextmanager
def taking(side: str, status: int, words: dict[str, Any] | None = None) -> Iterator[list[bytes]]:
    """The side answers what is delivered so; gives the events it was handed."""
    events: list[bytes] = []

    def answer(body: bytes) -> Answer:
        events.append(parse_item(json.loads(body), "integration", side).envelope.body)
        return status, json.dumps(words or {}).encode(), {"content-type": "application/problem+json"}

    with door(side, answer):
        yield events


@contextmanager
def door(side: str, answer: Callable[[bytes], Answer]) -> Iterator[None]:
    """A server in the side's place, which answers each post by what it brings."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body, headers = answer(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with override_settings(PEERS={**settings.PEERS, side: f"http://127.0.0.1:{server.server_port}"}):
            yield
    finally:
        server.shutdown()
        server.server_close()
