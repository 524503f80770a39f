import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy import control
from deploy.environment import ROOT
from deploy.processes import Child, Spec


def spec(tmp_path: Path, script: str) -> Spec:
    return Spec("crm", "web", (sys.executable, "-c", script), dict(os.environ), tmp_path / "crm-web.log")


def tick_until(child: Child, condition, timeout: float = 10.0) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline
        child.tick(time.monotonic())
        time.sleep(0.02)


def test_what_is_killed_starts_again_and_says_so(tmp_path):
    child = Child(spec(tmp_path, "import time; time.sleep(60)"))
    child.tick(time.monotonic())
    first = child.process
    os.kill(first.pid, signal.SIGKILL)

    tick_until(child, lambda: child.process is not None and child.process is not first)

    assert child.restarts == 1
    assert child.news[0].startswith("crm-web ended (SIGKILL); starting again in")
    child.wanted = False
    tick_until(child, lambda: child.process is None)


def test_what_fails_at_its_start_is_tried_less_and_less_often(tmp_path):
    child = Child(spec(tmp_path, "raise SystemExit(3)"))
    waits = []
    for _ in range(3):
        child.next_start_at = 0
        child.tick(time.monotonic())
        child.process.wait()
        ended = time.monotonic()
        child.tick(ended)
        waits.append(round(child.next_start_at - ended, 1))

    assert waits == [0.4, 0.8, 1.6]


def test_what_is_not_wanted_is_asked_to_stop_and_not_started_again(tmp_path):
    child = Child(spec(tmp_path, "import time; time.sleep(60)"))
    child.tick(time.monotonic())

    child.wanted = False
    tick_until(child, lambda: child.process is None)
    child.tick(time.monotonic())

    assert (child.state, child.restarts) == ("stopped", 0)


def test_grandchildren_of_a_killed_process_do_not_stay(tmp_path):
    script = "import subprocess, time; print(subprocess.Popen(['sleep', '61']).pid, flush=True); time.sleep(60)"
    child = Child(spec(tmp_path, script))
    child.tick(time.monotonic())
    tick_until(child, lambda: child.spec.log.read_text().endswith("\n"))
    grandchild = int(child.spec.log.read_text())

    child.process.kill()
    tick_until(child, lambda: child.restarts == 1)

    tick_until(child, lambda: not alive(grandchild))
    child.wanted = False
    tick_until(child, lambda: child.process is None)


def test_children_die_with_a_killed_supervisor(tmp_path):
    script = (
        "import os, sys, time; from pathlib import Path; from deploy.processes import Child, Spec\n"
        "spec = Spec('crm', 'web', ('sleep', '62'), dict(os.environ), Path(sys.argv[1]) / 'log')\n"
        "child = Child(spec); child.tick(0); print(child.process.pid, flush=True); time.sleep(60)"
    )
    supervisor = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    child = int(supervisor.stdout.readline())
    assert alive(child)

    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()

    deadline = time.monotonic() + 5
    while alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_second_terminal_asks_and_is_answered_even_deep_in_the_tree(tmp_path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)

    with control.listening(deep, lambda request: {"ok": True, "heard": request}):
        answer = control.ask(deep, do="down", side="erp")
        assert (deep / "control").stat().st_mode & 0o777 == 0o600

    assert answer == {"ok": True, "heard": {"do": "down", "side": "erp"}}


def test_nobody_listening_is_said_plainly(tmp_path):
    with pytest.raises(control.NotRunning):
        control.ask(tmp_path, do="status")
