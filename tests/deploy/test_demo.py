"""`make demo` on a handful of orders: it judges itself; here we see that it ran, and left nothing behind."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.journeys.running import ROOT, plain_environment

pytestmark = pytest.mark.journey


def demo(scratch: Path, **settings: str) -> subprocess.Popen[str]:
    environment = plain_environment(scratch / "nobody-uses-this") | {"TMPDIR": str(scratch), **settings}
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def scratch():
    """A folder for the demo's folder, short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="hd-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_six_orders_go_all_the_way_and_nothing_stays_behind(scratch):
    run = demo(scratch, ORDERS="6")
    said, _ = run.communicate(timeout=400)

    assert run.returncode == 0, said
    summary = json.loads(said.splitlines()[-1])
    # The sixth order names a product nobody has.
    assert {name: summary[name] for name in ("orders", "accepted", "refused", "paid", "lost", "doubled")} == {
        "orders": 6, "accepted": 5, "refused": 1, "paid": 5, "lost": 0, "doubled": 0,
    }  # fmt: skip
    assert summary["trial_balance_difference"] == summary["stock_ledger_difference"] == "0.00"
    assert list(scratch.iterdir()) == []


def test_ctrl_c_stops_it_and_cleans_up(scratch):
    run = demo(scratch, ORDERS="6")
    assert run.stdout is not None
    assert "starting" in run.stdout.readline()
    time.sleep(3)

    os.kill(run.pid, signal.SIGINT)
    said, _ = run.communicate(timeout=60)

    assert run.returncode == 130, said
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("words", ["0", "many", "-3"])
def test_a_wrong_number_of_orders_is_refused_at_once(scratch, words):
    run = demo(scratch, ORDERS=words)
    said, _ = run.communicate(timeout=20)

    assert (run.returncode, said) == (2, "ORDERS is a number from 1 to 830.\n")
    assert list(scratch.iterdir()) == []
