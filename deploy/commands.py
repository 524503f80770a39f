"""The words of ./manage.py that concern the whole deployment: up, down, status, reset."""

import contextlib
import shutil
import sys
import time
from pathlib import Path

from deploy import control, environment
from deploy.environment import SIDES
from deploy.postgres import Cluster
from deploy.supervisor import AlreadyRunning, Supervisor, is_running, table

DOWN_TIMEOUT_S = 60.0


def run(word: str, rest: list[str]) -> int:
    """Do it; the number is the process's exit code."""
    if len(rest) > 1 or any(side not in SIDES for side in rest):
        print(f"./manage.py {word} takes one side or none: {', '.join(SIDES)}", file=sys.stderr)
        return 2
    side = rest[0] if rest else None
    var = environment.var_dir()
    try:
        return {"up": up, "down": down, "status": status, "reset": reset}[word](var, side)
    except control.NotRunning:
        print("Nothing is running here; `./manage.py up` starts it.")
        return 1


def up(var: Path, side: str | None) -> int:
    """Run the whole deployment in this terminal, or start one side of the one that runs already."""
    if side is not None:
        return _request(var, "up", side)
    try:
        return Supervisor(var).run()
    except AlreadyRunning:
        print("It is running already.")
        return status(var, None)


def down(var: Path, side: str | None) -> int:
    """Stop one side of the running deployment, or all of it."""
    code = _request(var, "down", side)
    deadline = time.monotonic() + DOWN_TIMEOUT_S
    while side is None and is_running(var) and time.monotonic() < deadline:
        time.sleep(0.1)
    return code


def status(var: Path, side: str | None) -> int:
    """Print what runs, since when, and where to find it."""
    answer = control.ask(var, do="status")
    print(f"{'side':12} {'process':8} {'state':11} {'pid':>7} {'seconds':>8} {'restarts':>8}  address")
    for row in answer["processes"]:
        if side in (None, row["side"]):
            pid, seconds = row["pid"] or "-", row["seconds"] if row["seconds"] is not None else "-"
            print(
                f"{row['side']:12} {row['process']:8} {row['state']:11} {pid:>7} {seconds:>8} {row['restarts']:>8}"
                f"  {row['url'] or ''}"
            )
    if answer["open"] and (var / "deployment.json").exists():
        print(table(var))
    return 0


def reset(var: Path, side: str | None) -> int:
    """Stop everything and throw all of its data away: databases, keys, logs."""
    if side is not None:
        print("./manage.py reset takes no side: the three belong together.", file=sys.stderr)
        return 2
    with contextlib.suppress(control.NotRunning):
        down(var, None)
    Cluster(var / "postgres").stop("immediate")
    ours = [var / name for name in (*SIDES, "postgres", "keys", "log", "static", "deployment.json", "up.lock")]
    for path in ours:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    print(f"{var} is empty; `make run` starts over.")
    return 0


def _request(var: Path, verb: str, side: str | None) -> int:
    answer = control.ask(var, do=verb, side=side)
    if answer["ok"]:
        print(f"{side or 'everything'}: {verb}")
        return 0
    print(answer["error"], file=sys.stderr)
    return 1
