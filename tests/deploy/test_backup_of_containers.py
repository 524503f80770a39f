"""The compose file's `backup`: its own command and variables, on folders that stand for its volumes."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from deploy import environment, secrets, serve
from deploy.environment import ROOT, SIDES
from integration.keys import make_keys
from tests.deploy.test_production_files import SERVICES, volume_of

BACKUP = SERVICES["backup"]


class Machine:
    """Where compose runs: the volumes, and three databases that `prepare` has made as it does there."""

    def __init__(self, folder: Path, superuser_url: str) -> None:
        self.folder, self.superuser_url = folder, superuser_url
        for mount in BACKUP["volumes"]:
            self.place(mount).mkdir(parents=True)
        secrets.write(folder / "secrets")
        for side in SIDES:
            self.prepare(side)

    def place(self, mount: str | dict[str, str]) -> Path:
        """Where a mount of the backup's container lies here."""
        target = mount["target"] if isinstance(mount, dict) else mount.rpartition(":")[2]
        return self.folder / target.removeprefix("/")

    @property
    def var(self) -> Path:
        return self.folder / "var/lib/heming"

    def prepare(self, side: str) -> None:
        """Roles, databases and keys as `serve SIDE prepare` makes them; two tables stand for the migrated ones."""
        volume = self.folder / f"{side}-state"
        volume.mkdir()
        (volume / side).symlink_to(self.var / side)
        owner = f"{side.upper()}_OWNER_DATABASE_URL"
        told = SERVICES[f"{side}-prepare"]["environment"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HEMING_SUPERUSER_URL", self.superuser_url)
            patch.setenv(
                "HEMING_OWNER_FILE", str(self.folder / f"run/owners/{side}" / Path(told["HEMING_OWNER_FILE"]).name)
            )
            environment.ensure_secret_keys(volume, [side])
            url = serve._own_databases(volume, side, owner)
        assert owner not in environment.read(volume, side)
        with psycopg.connect(url) as database:
            database.execute("DROP TABLE IF EXISTS thing, django_migrations")
            database.execute("CREATE TABLE django_migrations (app text, name text)")
            database.execute("INSERT INTO django_migrations VALUES ('things', '0001_initial')")
            database.execute("CREATE TABLE thing (name text)")
            database.execute("REVOKE DELETE ON thing FROM PUBLIC")
        make_keys(side, volume / side / "keys", self.var / "keys" / "jwks.json")
        (volume / side / "media").mkdir()
        (volume / side / "media" / "paper.pdf").write_text(f"of {side}")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`docker compose run --rm backup [WORDS]`: words in place of the service's own command."""
        places = {name: self.folder / value.removeprefix("/") for name, value in BACKUP["environment"].items()
                  if value.startswith("/")}  # fmt: skip
        environ = environment.elsewhere(os.environ) | {name: str(place) for name, place in places.items()}
        environ |= {"HEMING_VAR": str(self.var), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "manage.py", *(words or BACKUP["command"])]
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120)

    def rows(self, side: str, statement: str = "SELECT name FROM thing ORDER BY 1") -> list[str]:
        """As the side's processes: with the app role's rights."""
        url = environment.read(self.var, side)[f"{side.upper()}_DATABASE_URL"]
        with psycopg.connect(url) as database:
            answer = database.execute(statement.encode())
            return [name for (name,) in answer] if answer.description else []

    def kept(self) -> dict[str, str | int]:
        """Every file below the sides and the keys, and who may read it."""
        found: dict[str, str | int] = {}
        for path in sorted(path for name in (*SIDES, "keys") for path in (self.var / name).rglob("*")):
            if path.is_file() and path.suffix not in (".stamp", ".lock"):
                found[str(path.relative_to(self.var))] = path.read_text()
                if path.suffix == ".pem":
                    found[f"mode of {path.name}"] = stat.S_IMODE(path.stat().st_mode)
        return found


@pytest.fixture
def machine(tmp_path, cluster):
    cluster.ensure_running()
    return Machine(tmp_path, cluster.superuser_url())


def test_all_three_sides_are_backed_up_and_put_back_by_one_container(machine):
    for side in SIDES:
        machine.rows(side, f"INSERT INTO thing VALUES ('of {side}')")
    before = machine.kept()

    taken = machine.run()

    assert taken.returncode == 0, taken.stderr
    folder = Path(taken.stdout.strip())
    assert folder.parent == machine.var / "backups"
    assert sorted(json.loads((folder / "manifest.json").read_text())["sides"]) == sorted(SIDES)

    # Much later, much is gone.
    for side in SIDES:
        machine.rows(side, "UPDATE thing SET name = 'spoilt'")
        (machine.var / side / "media" / "paper.pdf").unlink()
        next((machine.var / side / "keys").glob("*.pem")).unlink()
    refused = machine.run("restore", str(folder))
    assert (refused.returncode, "say --force" in refused.stderr) == (1, True), refused.stderr

    put_back = machine.run("restore", str(folder), "--force")

    assert put_back.returncode == 0, put_back.stderr
    assert {side: machine.rows(side) for side in SIDES} == {side: [f"of {side}"] for side in SIDES}
    assert machine.kept() == before


def test_nothing_is_replaced_under_processes_that_work(machine):
    folder = machine.run().stdout.strip()
    url = environment.read(machine.var, "erp")["ERP_DATABASE_URL"]

    with psycopg.connect(url):
        refused = machine.run("restore", folder, "--force")

    assert (refused.returncode, refused.stderr) == (
        1,
        "Processes of erp are connected: stop them first, they are not ours to stop.\n",
    )


def test_its_volumes_are_where_the_sides_keep_their_state_and_nothing_else():
    """A side's containers mount its volume one folder higher: `subpath` says which folder of it is the side's."""
    for mount in BACKUP["volumes"]:
        if isinstance(mount, dict) and "volume" in mount:
            side = mount["volume"]["subpath"]
            told = SERVICES[f"{side}-prepare"]["volumes"]
            assert (volume_of(mount), mount["target"]) == (f"{side}-state", f"/var/lib/heming/{side}")
            assert f"{side}-state:/var/lib/heming" in told
        elif isinstance(mount, dict):
            assert mount["read_only"] is True, "an owner's address is not changed"
    assert set(BACKUP["networks"]) == set(SIDES)
    assert (BACKUP["profiles"], BACKUP["restart"]) == (["tools"], "no"), "it never starts with the others"
