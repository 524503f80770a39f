"""Lines of the log: what they say, and what they never do."""

import json
import logging

import pytest

from base import context, logs


def line_of(record: logging.LogRecord) -> dict[str, object]:
    logs.ContextFilter().filter(record)
    told: dict[str, object] = json.loads(logs.JsonFormatter("erp", "web").format(record))
    return told


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.getLogger("heming.test").makeRecord(
        "heming.test", logging.WARNING, "file.py", 1, message, (), None, extra=extra
    )
    made.created = 1_795_000_000.5
    return made


def test_a_line_says_who_for_which_request_and_chain():
    with context.acting("nancy", request="request-1", correlation="chain-1"):
        told = line_of(record("hello", status=200, duration_ms=12.5))

    told.pop("pid")
    assert told == {
        "time": "2026-11-18T11:06:40.500+00:00", "level": "warning", "side": "erp", "process": "web",
        "logger": "heming.test", "message": "hello", "request_id": "request-1", "correlation_id": "chain-1",
        "user": "nancy", "status": 200, "duration_ms": 12.5,
    }  # fmt: skip


def test_what_nobody_named_is_not_written():
    told = line_of(record("hello", password="secret", body={"iban": "DE00"}))

    assert {"password", "body", "user"} & set(told) == set()


def test_a_fault_is_one_line_with_its_trace():
    try:
        raise ValueError("broken\nin two")
    except ValueError:
        import sys

        made = record("it failed")
        made.exc_info = sys.exc_info()
    logs.ContextFilter().filter(made)

    line = logs.JsonFormatter("erp", "web").format(made)

    assert "\n" not in line
    assert "ValueError: broken" in json.loads(line)["exception"]


def test_people_may_have_text(monkeypatch):
    monkeypatch.setenv("HEMING_LOG", "text")

    assert logs.config("erp")["formatters"]["line"] == {"()": "base.logs.TextFormatter"}


@pytest.mark.django_db
def test_a_request_is_one_line_without_its_query(client, caplog):
    with caplog.at_level(logging.INFO, "heming.access"):
        client.get("/login/?next=/secret-address/", headers={"X-Request-ID": "abcdefgh-1"})

    (line,) = [one for one in caplog.records if one.name == "heming.access"]
    assert (line.getMessage(), line.status, line.route) == ("GET /login/ 200", 200, "login/")
    assert line.duration_ms >= line.db_ms >= 0
    assert "secret-address" not in str(vars(line))


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics"])
def test_what_machines_ask_every_second_is_not_written(client, caplog, address):
    with caplog.at_level(logging.INFO, "heming.access"):
        client.get(address)

    assert [one for one in caplog.records if one.name == "heming.access"] == []
