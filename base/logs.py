"""One JSON object a line, for machines; `HEMING_LOG=text` for people.

Each line says when, how grave, which side and process, for which request, chain and user. Bodies, query strings,
headers and secrets are never part of it. Imports the standard library only: gunicorn's configuration uses it too.
"""

import json
import logging
import os
from datetime import UTC, datetime
from typing import Any

from base import context

# What a caller may add with `extra=`; nothing else of a record is written.
EXTRAS = ("method", "route", "status", "duration_ms", "db_ms", "queries", "event", "event_type", "queue", "verdict")


class ContextFilter(logging.Filter):
    """Adds the request's and the chain's id and the user to each line, where the caller gave none."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, variable in (
            ("request_id", context.request_id),
            ("correlation_id", context.correlation_id),
            ("user", context.actor),
        ):
            if not getattr(record, name, ""):
                setattr(record, name, variable.get())
        return True


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON."""

    def __init__(self, side: str = "", process: str = "") -> None:
        super().__init__()
        self.side, self.process = side, process

    def format(self, record: logging.LogRecord) -> str:
        """Empty facts are left out."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "side": self.side,
            "process": self.process,
            "pid": record.process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("request_id", "correlation_id", "user", *EXTRAS):
            if (value := getattr(record, name, "")) not in ("", None):
                told[name] = value
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """The same for a person at a terminal."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} [{request_id} {correlation_id}] {message}", style="{")


def process_name() -> str:
    """web, relay or worker; `command` for what people and scripts start."""
    return os.environ.get("HEMING_PROCESS") or "command"


def config(side: str) -> dict[str, Any]:
    """For logging.config.dictConfig."""
    as_text = os.environ.get("HEMING_LOG", "").strip().lower() == "text"
    line: dict[str, Any] = {"()": "base.logs.TextFormatter"} if as_text else {"()": "base.logs.JsonFormatter"}
    if not as_text:
        line |= {"side": side, "process": process_name()}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": "base.logs.ContextFilter"}},
        "formatters": {"line": line},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["context"]}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
            "axes": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
        },
    }
