"""The short form of `make chaos`: processes die at chosen stages and replies are cut while people work.

Last of the journeys: what it leaves behind is nobody's story.
"""

import json
import os
import signal
import time

import pytest

from chaos import faults

ROUNDS = 2


@pytest.mark.parametrize("name", faults.SHORT)
def test_nothing_is_lost_doubled_or_reordered(fire, name):
    report = faults.run(fire, name, ROUNDS)

    told = json.loads(report.line())
    assert (told["rounds"], told["lost"], told["doubled"], told["reordered"]) == (ROUNDS, 0, 0, 0), told
    assert report.holds, told


def test_three_relays_share_the_lanes_and_one_that_is_killed_or_comes_back_late_does_no_harm(fire):
    report = faults.run(fire, "several-relays", 1)

    told = json.loads(report.line())
    assert (told["lost"], told["doubled"], told["reordered"]) == (0, 0, 0), told
    assert (told["relays"], told["stale"] > 0, told["sent_by_others"]) == (3, True, told["stale"]), told
    assert report.holds, told


def test_a_relay_that_was_stopped_for_a_while_goes_on(running):
    """As a debugger or a suspended machine does it: nothing has ended."""
    before = running.pid("crm", "relay")

    os.kill(before, signal.SIGSTOP)
    time.sleep(0.5)
    os.kill(before, signal.SIGCONT)
    time.sleep(1.0)

    assert running.pid("crm", "relay") == before
