"""`./manage.py upgrade`: new code on the same data, while people work.

Back up, prepare what the new code needs (tables, keys, static files), then restart one side after the other: a side is
away only while its processes stop and start. That is safe because a release's migrations only add
(tests/shape/test_migrations.py) and the static files of the old code stay beside the new ones: the old code goes on
working until its side is restarted. What a release no longer needs is taken away by a later one. Where the new code
runs already nothing is done.
"""

import sys

from deploy import code, control, environment, prepare
from deploy.backup.commands import backup
from deploy.backup.manifest import BadBackup
from deploy.backup.servers import ServerFailed
from deploy.environment import SIDES
from deploy.prepare import StepFailed
from deploy.supervisor import is_running

ORDER = ("integration", "erp", "crm")  # the hub first: it must know a new contract before anybody tells it
OK, FAILED, BAD_WORDS = 0, 1, 2


def _say(words: str) -> None:
    print(words, flush=True)


def run(rest: list[str]) -> int:
    """Do it; what was done stays done when a later step fails, and the same command goes on from there."""
    if rest:
        print("./manage.py upgrade takes no words.", file=sys.stderr)
        return BAD_WORDS
    var = environment.var_dir()
    running = is_running(var)
    if all(prepare.is_done(var, side) and (code.runs(var, side) or not running) for side in SIDES):
        print("Nothing is new: tables, files and what runs are of this code.")
        return OK
    try:
        print(f"backup: {backup(var)}", flush=True)
        prepare.embedded_postgres(var)
        for side in ORDER:
            prepare.side(var, side, _say)
    except (BadBackup, ServerFailed, StepFailed) as error:
        print(error, file=sys.stderr)
        return FAILED
    if not running:
        print("Nothing is running here; `./manage.py up` starts the new code.")
        return OK
    for side in ORDER:
        print(f"{side}: restarting", flush=True)
        for verb in ("down", "up"):
            answer = control.ask(var, do=verb, side=side)
            if not answer["ok"]:
                print(answer["error"], file=sys.stderr)
                return FAILED
    assert set(ORDER) == set(SIDES)
    print("The new code runs on all sides.")
    return OK
