"""How a person hears of a case: by the webhook, by mail and by the bell of the interface; when each first did.

The ends of the ways are ours, the ways are the product's: it posts, hands a message to Django's mail, writes notices.
"""

import http.server
import json
import re
import threading
import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection

WAYS = ("webhook", "mail", "bell")
LOOK_SECONDS = 0.5
_CASE = re.compile(r"/cases/([0-9a-f-]{36})/")
_heard: dict[str, dict[str, float]] = {way: {} for way in WAYS}


class Mail(BaseEmailBackend):
    """Reads what is sent, as its reader would."""

    def send_messages(self, messages: Sequence[Any]) -> int:
        """Whom it names."""
        for message in messages:
            _note("mail", _CASE.findall(message.body))
        return len(messages)


def _note(way: str, cases: Sequence[str]) -> None:
    for case in cases:
        _heard[way].setdefault(case, time.monotonic())


class Hearing:
    """While it is open all ways lead here; `first` says when a case was heard of, by each of them."""

    def __enter__(self) -> "Hearing":
        class Hook(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                _note("webhook", [alert["subject"] for alert in told["alerts"]])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_words: Any) -> None:
                pass

        self.operator = _operator()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        settings.ALERT_WEBHOOK_URL = f"http://127.0.0.1:{self.server.server_port}/"
        settings.ALERT_EMAILS, settings.EMAIL_BACKEND = ["operator@example.org"], f"{__name__}.Mail"
        self._closing = threading.Event()
        self._bell = threading.Thread(target=self._look_at_bell, daemon=True)
        self._bell.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._closing.set()
        self._bell.join(timeout=15)
        self.server.shutdown()
        self.server.server_close()

    def first(self, case: str) -> dict[str, float]:
        """By the ways that have told of it so far."""
        return {way: heard[case] for way, heard in _heard.items() if case in heard}

    def _look_at_bell(self) -> None:
        """What the operator's bell holds."""
        while not self._closing.wait(LOOK_SECONDS):
            _note("bell", _CASE.findall(" ".join(self.operator.notices.values_list("url", flat=True))))
        connection.close()

    def pages_without(self, cases: Sequence[str]) -> list[str]:
        """Those of the cases that the operator finds neither among the alerts that stand nor among the open cases."""
        from django.test import Client
        from django.urls import reverse

        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(self.operator)
        missing = []
        for page in ("hub:alerts", "hub:cases"):
            seen: set[str] = set()
            url = reverse(page)
            while url:
                text = client.get(url).content.decode()
                seen |= set(_CASE.findall(text))
                url = _next_page(text, reverse(page))
            missing += [f"{page} {case}" for case in cases if case not in seen]
        return missing


def _next_page(text: str, path: str) -> str:
    found = re.search(r'href="([^"]*)"[^>]*rel="next"|rel="next"[^>]*href="([^"]*)"', text)
    href = (found.group(1) or found.group(2)).replace("&amp;", "&") if found else ""
    return path + href if href.startswith("?") else href


def _operator() -> Any:
    """Somebody whom alerts concern."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group

    from integration.hub.roles import OPERATORS

    operator = get_user_model().objects.create_user("operator", "operator@example.org")
    operator.groups.add(Group.objects.get_or_create(name=OPERATORS[0])[0])
    return operator
