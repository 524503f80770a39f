import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.running import Running


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    """One deployment for all journeys."""
    var = Path(tempfile.mkdtemp(prefix="heming-journeys-"))
    deployment = Running(var)
    yield deployment
    code = deployment.stop()
    assert code == 0, (var / "up.out").read_text()[-3000:]
    shutil.rmtree(var, ignore_errors=True)
