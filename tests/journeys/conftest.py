import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos import ground
from chaos.ground import Ground
from deploy import prepare
from tests.journeys.running import Running, clone


@pytest.fixture(scope="session")
def under_fire() -> Iterator[tuple[Running, dict[str, ground.Proxy]]]:
    """One deployment for all journeys, and the proxies between its sides; they hand on until told otherwise.

    It runs from a copy of the project, for a release comes into it (test_upgrade).
    """
    folder = Path(tempfile.mkdtemp(prefix="heming-journeys-"))
    root, var = clone(folder / "heming"), folder / "var"
    with ground.under_fire() as (settings, proxies):
        for side, port in zip(proxies, prepare.free_ports(len(proxies)), strict=True):
            settings[f"{side.upper()}_URL"] = f"http://127.0.0.1:{port}"
            proxies[side].port = port
        deployment = Running(var, settings=settings, root=root)
        yield deployment, proxies
        code = deployment.stop()
    assert code == 0, (var / "up.out").read_text()[-3000:]
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def running(under_fire: tuple[Running, dict[str, ground.Proxy]]) -> Running:
    """The deployment."""
    return under_fire[0]


@pytest.fixture
def fire(under_fire: tuple[Running, dict[str, ground.Proxy]]) -> Iterator[Ground]:
    """People at work on it, and the means to strike it."""
    here = Ground(*under_fire)
    yield here
    here.close()
