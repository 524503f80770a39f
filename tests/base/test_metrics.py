"""What Prometheus may ask, who may ask it, and when a side calls itself ready."""

import os
import re
import subprocess
import sys

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from base import health, metrics
from integration import keys

pytestmark = pytest.mark.django_db


def values(client, name: str) -> dict[str, float]:
    text = client.get("/metrics").content.decode()
    return {labels: float(value) for labels, value in re.findall(rf"^{name}(\{{.*\}})? ([\d.e+-]+)$", text, re.M)}


def test_requests_are_counted_by_route_and_status(client):
    name = "heming_http_request_seconds_count"
    label = '{method="GET",route="login/",status="200"}'
    before = values(client, name).get(label, 0)

    client.get("/login/?next=/")
    client.get("/login/?next=/x")

    assert values(client, name)[label] == before + 2


def test_tables_are_counted_when_asked(client):
    assert values(client, "heming_events_waiting")['{queue="outbox"}'] == 0
    assert values(client, "heming_jobs")['{state="queued"}'] == 0


@pytest.mark.parametrize(
    "caller",
    [{"REMOTE_ADDR": "10.0.0.7"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.5"}, {"HTTP_FORWARDED": "for=203.0.113.5"}],
)
def test_strangers_and_callers_behind_the_proxy_learn_nothing(client, caller):
    answer = client.get("/metrics", **caller)

    assert (answer.status_code, b"heming_" in answer.content) == (403, False)


@pytest.mark.parametrize(("given", "status"), [("Bearer right-token", 200), ("Bearer wrong", 403), ("", 403)])
def test_a_token_opens_it_from_anywhere(client, settings, given, status):
    settings.METRICS_TOKEN = "right-token"

    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION=given).status_code == status


def test_ready_when_database_tables_and_keys_are_there(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ok", "database": "ok", "migrations": "ok", "outbox": "ok", "inbox": "ok", "keys": "ok"},
    )


def test_not_ready_while_a_migration_is_missing(client, monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)
    recorder = MigrationRecorder(connection)
    recorder.migration_qs.filter(app="access").order_by("-id").first().delete()

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["migrations"]) == (503, "pending")


def test_ready_though_the_next_release_lies_there_already(client, monkeypatch, settings, tmp_path):
    """`git pull` brings its migrations before `upgrade` brings them into the tables; people work meanwhile."""
    health.know_tables()
    monkeypatch.setattr(health, "_migrated", False)
    package = tmp_path / "of_the_next_release"
    package.mkdir()
    (package / "__init__.py").touch()
    lines = ("from django.db import migrations", "class Migration(migrations.Migration):", "    pass")
    (package / "9999_more.py").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"webhooks": package.name}

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["migrations"]) == (200, "ok")


def test_not_ready_without_keys(client, settings, tmp_path):
    settings.KEYS_DIR = tmp_path
    keys._signing_key.cache_clear()

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["keys"]) == (503, "missing: origin, hop")


def test_a_process_of_another_container_is_forgotten_when_its_lock_is_free(tmp_path, monkeypatch):
    """Its number says nothing here: this machine has a process of that number too."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    number = os.getpid()
    theirs, ours = (
        tmp_path / f"gauge_livesum_crm-relay-{number}.db",
        tmp_path / f"gauge_livesum_{metrics.identity()}.db",
    )
    gone = tmp_path / f"gauge_livemax_{metrics.identity().rpartition('-')[0]}-4194305.db"
    for file in (theirs, ours, gone):
        file.touch()
    hold = (
        "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print(1, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", hold, str(tmp_path / f"crm-relay-{number}.alive")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline()
        metrics.forget_the_dead()
        assert (theirs.exists(), ours.exists(), gone.exists()) == (True, True, False)
        other.kill()

    metrics.forget_the_dead()

    assert (theirs.exists(), ours.exists()) == (False, True)
