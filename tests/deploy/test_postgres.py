import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from deploy import unprivileged
from deploy.environment import ROOT
from deploy.postgres import Cluster, binaries


def ask(cluster: Cluster, question: str) -> str:
    with psycopg.connect(cluster.superuser_url(), autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return str(row[0])


def postmaster(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


def test_it_is_postgresql_18_with_a_builtin_locale_that_knows_umlauts(cluster):
    assert ask(cluster, "SHOW server_version").startswith("18.")
    assert ask(cluster, "SELECT lower('ÄÖÜ')") == "äöü"


def test_it_listens_on_this_machine_only_and_every_way_in_wants_a_password(cluster):
    assert ask(cluster, "SHOW listen_addresses") == "127.0.0.1"
    assert ask(cluster, "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules") == "scram-sha-256"


def test_a_second_start_changes_nothing(cluster):
    before = postmaster(cluster)

    cluster.ensure_running()

    assert postmaster(cluster) == before


def test_the_folder_and_the_password_are_ours_alone(cluster):
    modes = {
        name: stat.S_IMODE((cluster.folder / name).stat().st_mode)
        for name in (".", "superuser.password", "cluster.json", "server.log", "data")
    }

    assert modes == {
        ".": 0o700,
        "superuser.password": 0o600,
        "cluster.json": 0o600,
        "server.log": 0o600,
        "data": 0o700,
    }


def test_starting_did_not_open_the_folders_above(cluster, var):
    assert stat.S_IMODE(var.parent.stat().st_mode) == 0o700


def test_the_server_is_never_root(cluster):
    status = Path(f"/proc/{postmaster(cluster)}/status").read_text()
    capabilities = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff"))
    dac_override_at_most = int(capabilities, 16) & ~0b110

    assert dac_override_at_most == 0


@pytest.mark.parametrize("victim", ["postmaster", "a backend"])
def test_after_kill_9_what_was_committed_is_there(cluster, victim):
    with psycopg.connect(cluster.superuser_url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("TRUNCATE kept")
        connection.execute("INSERT INTO kept VALUES ('here')")
        os.kill(postmaster(cluster) if victim == "postmaster" else connection.info.backend_pid, signal.SIGKILL)

    cluster.ensure_running()

    assert eventually(lambda: ask(cluster, "SELECT word FROM kept")) == "here"


def eventually(question):
    """A crashed backend makes the server restart by itself; meanwhile it refuses."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return question()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_it_stops_and_starts_on_the_same_port_with_the_same_data(cluster):
    port = cluster.port
    cluster.stop()
    assert not cluster.running

    cluster.ensure_running()

    assert cluster.port == port
    assert ask(cluster, "SELECT count(*) FROM pg_database WHERE datname IN ('crm', 'erp', 'integration')") == "3"


def test_a_taken_port_is_given_up_for_another(cluster):
    taken = cluster.port
    cluster.stop()
    squatter = subprocess.Popen(
        [sys.executable, "-c", f"import socket, time; s = socket.create_server(('127.0.0.1', {taken})); time.sleep(60)"]
    )
    try:
        deadline = time.monotonic() + 10
        while cluster_port_is_free(taken) and time.monotonic() < deadline:
            time.sleep(0.05)
        cluster.ensure_running()

        assert cluster.port != taken
        assert ask(cluster, "SELECT 1") == "1"
    finally:
        squatter.kill()
        squatter.wait()


def cluster_port_is_free(port: int) -> bool:
    from deploy.postgres import _port_taken

    return not _port_taken(port)


def test_ten_callers_at_once_get_one_server(cluster):
    cluster.stop()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: Cluster(cluster.folder, durable=False).ensure_running(), range(10)))

    assert ask(cluster, "SELECT 1") == "1"
    assert cluster.running


def test_a_stale_lock_file_that_names_a_stranger_does_not_fool_us(cluster):
    cluster.stop()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")

    assert not cluster.running
    cluster.ensure_running()
    assert cluster.running


def test_an_interrupted_first_start_leaves_nothing_that_looks_finished(tmp_path):
    half = tmp_path / "postgres"
    (half / "data.new").mkdir(parents=True)
    (half / "data.new" / "PG_VERSION").write_text("18\n")
    cluster = Cluster(half, durable=False)

    cluster.ensure_running()

    assert ask(cluster, "SELECT 1") == "1"
    cluster.stop("immediate")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a way to step down")
def test_every_way_for_root_that_works_here_runs_a_server_below_a_closed_folder(tmp_path, monkeypatch):
    tmp_path.chmod(0o700)
    ways = [way for way in unprivileged._ways() if unprivileged._works(way, binaries() / "postgres", tmp_path)]
    assert ways

    for way in ways:
        monkeypatch.setattr(unprivileged, "_ways", lambda way=way: iter([way]))
        cluster = Cluster(tmp_path / way.name.replace(" ", "-"), durable=False)
        cluster.ensure_running()
        assert ask(cluster, "SELECT 1") == "1"
        cluster.stop("immediate")


@pytest.mark.skipif(os.geteuid() != 0, reason="root plays the ordinary user")
def test_an_ordinary_user_needs_nothing_special(tmp_path):
    user = unprivileged._ordinary_user()
    place = Path("/tmp") / f"heming-user-{os.getpid()}"
    place.mkdir(mode=0o700)
    os.chown(place, user.pw_uid, user.pw_gid)
    script = (
        "import sys; from pathlib import Path; from deploy.postgres import Cluster\n"
        f"c = Cluster(Path({str(place)!r}) / 'postgres', durable=False); c.ensure_running()\n"
        "print(c.running, c._remembered()['way']); c.stop('immediate')"
    )
    become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    readable = subprocess.run([*become, sys.executable, "-c", "import psycopg"], cwd="/", capture_output=True)
    try:
        if readable.returncode != 0:
            pytest.skip("this clone is closed to other users")
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        result = subprocess.run(
            [*become, sys.executable, "-c", script], cwd="/", env=environment, capture_output=True, text=True
        )
        assert (result.stdout.strip(), result.stderr) == ("True direct", "")
    finally:
        subprocess.run(["rm", "-rf", str(place)], check=True)
