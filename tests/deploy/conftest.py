"""A PostgreSQL of these tests' own, which they may kill."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import databases, environment
from deploy.postgres import Cluster


@pytest.fixture(scope="session")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder inside one that nobody else may enter, as under /root."""
    closed = tmp_path_factory.mktemp("closed")
    closed.chmod(0o700)
    folder = closed / "var"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def cluster(var: Path) -> Iterator[Cluster]:
    """A throw-away server with the databases of all sides."""
    server = Cluster(var / "postgres", durable=False)
    server.ensure_running()
    databases.prepare(server.superuser_url(), environment.SIDES, var)
    yield server
    server.stop("immediate")
