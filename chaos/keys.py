"""All three sides change their keys and give them up while people work and the hub has words of its own on the way.

`python -m chaos.keys SIDE ABOUT` runs as a process of that side: it changes each of its keys and then gives it up at
once, several times over; the hub's says notes about a record meanwhile. It tells as a JSON line what it did. All three
run at the same time as the work.
"""

import io
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from chaos.ground import TRADERS, Ground, Report
from deploy import environment
from deploy.environment import ROOT, SIDES
from deploy.trials import manage

TURNS = 2
PAUSE = 0.3  # between two steps, so that events travel under each key
WORK, WORK_PAUSE = 12, 0.02

# What a side told since then, in the order it told it, and what has come of it on the other side: taken in, and done.
_TOLD = """SELECT id::text, aggregate FROM outbox_message WHERE type LIKE %s AND created_at >= %s
ORDER BY aggregate, position"""
_GOT = """SELECT event_id::text, keyid, finished_at FROM inbox_incoming
WHERE event_id = ANY(%s::uuid[]) AND state = 'done' ORDER BY aggregate, position"""
_WAYS = (("crm", "crm.customer.%", "erp"), ("erp", "erp.party.opened.%", "crm"))


def strike(ground: Ground, tag: str, number: int, done: list[dict[str, Any]]) -> float:
    """All sides change their keys while people work; what each did is added to `done`. When it was over."""
    processes = [_process(ground, side, f"note:{tag} {number}") for side in SIDES]
    while any(process.poll() is None for process in processes):
        for side in TRADERS:
            ground.begin("change", tag, side, count=WORK, pause=WORK_PAUSE)
            ground.begin("open", tag, side, pause=WORK_PAUSE)
        ground.finish()
    ended = time.monotonic()
    done += [json.loads(process.communicate()[0]) for process in processes]
    return ended


def _process(ground: Ground, side: str, about: str) -> "subprocess.Popen[str]":
    environ = environment.elsewhere(os.environ) | {"HEMING_VAR": str(ground.var), "PYTHONPATH": str(ROOT)}
    with (ground.var / "log" / "chaos-keys.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "chaos.keys", side, about],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )


def begun(ground: Ground) -> dict[str, Any]:
    """What each side's database holds for now."""
    return {side: ground.rows(side, "SELECT clock_timestamp()")[0][0] for side in SIDES}


def count(ground: Ground, since: dict[str, Any], done: list[dict[str, Any]], report: Report) -> None:
    """Hold what all three said against what the others took in and did, and the archive against its seals."""
    seen: dict[str, int] = {}
    for side, types, to in _WAYS:
        told = ground.rows(side, _TOLD, [types, since[side]])
        seen[f"{side}>{to}"] = _compare([event for event, _aggregate in told], dict(told), ground, to, report)
    notes = [note for one in done for note in one["notes"]]
    for to in ("crm", "erp"):
        seen[f"integration>{to}"] = _compare([event for event, _about in notes], dict(notes), ground, to, report)
    revoked = sum(one["revoked"] for one in done)
    manage(ground.var, "integration", "verify_archive")  # breaks off where it finds a flaw
    report.more = {"revoked": revoked, "signed_anew": sum(one["anew"] for one in done), "keys_seen": seen}
    # Each side's events came under several keys, the first of which count no more: it happened while they travelled.
    report.more["failed"] = min(seen.values()) < 2 or revoked < len(SIDES) * 2 * TURNS * report.rounds


def _compare(told: list[str], about: dict[str, str], ground: Ground, to: str, report: Report) -> int:
    """Count what is lost, doubled and out of order at the receiver; under how many keys it came."""
    rows = ground.rows(to, _GOT, [told])
    came = Counter(event for event, _key, _finished in rows)
    report.lost += len(set(told) - set(came))
    report.doubled += came.total() - len(came)
    place = {event: number for number, event in enumerate(told)}
    finished = {event: at for event, _key, at in rows}
    for one, other in _neighbours((event for event, _key, _finished in rows), about):
        report.reordered += place[other] < place[one] or finished[other] < finished[one]
    return len({key for _event, key, _finished in rows})


def _neighbours(events: Iterable[str], about: dict[str, str]) -> Iterable[tuple[str, str]]:
    """Each event with the one that follows it in its own record."""
    of: dict[str, list[str]] = {}
    for event in events:
        of.setdefault(about[event], []).append(event)
    return (pair for own in of.values() for pair in pairwise(own))


# -- the process of a side ---------------------------------------------------------------------------------------------


def main(side: str, about: str) -> None:
    """Change and give up this side's keys."""
    environment.load(environment.var_dir(), side)
    os.environ["DJANGO_SETTINGS_MODULE"] = f"{side}.settings"
    os.environ.pop(f"{side.upper()}_OWNER_DATABASE_URL", None)
    import django

    django.setup()
    from integration import keys

    told: dict[str, Any] = {"revoked": 0, "anew": 0, "notes": []}
    for _turn in range(TURNS):
        for purpose in keys.PURPOSES:
            _do("activate", _do("next", purpose))
            _wait(side, about, told)
            lost = keys.signing_key(purpose).kid
            _do("next", purpose)
            _note(side, about, told)  # on its way as its key is given up
            words = _do("revoke", lost)
            told["revoked"] += 1
            told["anew"] += int(words.rpartition(" events ")[0].rpartition(" ")[2])
            _wait(side, about, told)
    print(json.dumps(told), flush=True)


def _do(*words: str) -> str:
    from django.core.management import call_command

    out = io.StringIO()
    call_command("keys", *words, stdout=out)
    return out.getvalue().strip()


def _wait(side: str, about: str, told: dict[str, Any]) -> None:
    for _part in range(3):
        _note(side, about, told)
        time.sleep(PAUSE / 3)


def _note(side: str, about: str, told: dict[str, Any]) -> None:
    """The hub says that it left something out, as its operators do."""
    if side != "integration":
        return
    from django.db import transaction

    from base.ids import uuid7
    from integration.contracts.hub import EventSkipped
    from integration.hub import telling
    from integration.hub.models import Route

    with transaction.atomic():
        note = telling.say(EventSkipped(about=about, event=uuid7(), contract="chaos", reason="chaos"))
        for route in Route.objects.filter(contract=EventSkipped.type):
            telling.deliver(note, route)
    told["notes"].append((str(note.pk), about))


if __name__ == "__main__":
    main(*sys.argv[1:])
