"""The short form of `make chaos`: processes die at chosen stages and replies are cut while people work.

Last of the journeys: what it leaves behind is nobody's story.
"""

import json

import pytest

from chaos import faults

ROUNDS = 2


@pytest.mark.parametrize("name", faults.SHORT)
def test_nothing_is_lost_doubled_or_reordered(fire, name):
    report = faults.run(fire, name, ROUNDS)

    told = json.loads(report.line())
    assert (told["rounds"], told["lost"], told["doubled"], told["reordered"]) == (ROUNDS, 0, 0, 0), told
    assert report.holds, told
