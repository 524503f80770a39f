"""A side that answers the hub's questions over HTTP, signed as a real one signs."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from django.conf import settings
from django.test import override_settings

from base.ids import uuid7
from integration.signing import hop_headers
from tests.integration.wire import as_side


@contextmanager
def answering(side: str, **answers: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The side answers each question (`try`, `again`, …) with these words; gives the questions it was asked."""
    asked: list[dict[str, Any]] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append(question)
            told = {"from": side, "to": "integration", "ask": question["ask"], "told": answers[question["ask"]]}
            body = json.dumps(told).encode()
            with as_side(side):
                headers = hop_headers(body, str(uuid7()))
            self.send_response(200)
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
            yield asked
    finally:
        server.shutdown()
        server.server_close()
