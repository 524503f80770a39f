"""Containers, systemd units and the front door: what they name exists, and the sides stay apart."""

import configparser
import json
import os
import re
import runpy
import secrets as py_secrets
import subprocess
import sys
from fnmatch import fnmatch
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
import yaml

from base.settings import HOUSE_PATHS
from deploy import secrets, serve
from deploy.environment import ROOT, SIDES
from deploy.processes import specs
from tests.deploy.variables import read_in, read_variables

CONTAINER, SYSTEMD = ROOT / "deploy" / "container", ROOT / "deploy" / "systemd"
UNITS = sorted(SYSTEMD.glob("*.service"))
COMPOSE = yaml.safe_load((CONTAINER / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OF_IMAGES = {
    "POSTGRES_PASSWORD_FILE",
    "CRM_UPSTREAM",
    "ERP_UPSTREAM",
    "HUB_UPSTREAM",
    "CRM_HOST",
    "ERP_HOST",
    "HUB_HOST",
}


def volume_of(mount: str | dict[str, Any]) -> str:
    """Which volume a service mounts; what stands for `${NAME:-volume}` when nothing is set."""
    source = mount["source"] if isinstance(mount, dict) else re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", mount).split(":")[0]
    return str(source)


def named_variables() -> set[str]:
    """Every variable that the files set."""
    found = set()
    for service in SERVICES.values():
        found |= set(service.get("environment", {}))
    for unit in UNITS:
        for line in re.findall(r"^Environment=(.*)$", unit.read_text(), re.M):
            found |= {pair.split("=")[0] for pair in line.split()}
    for example in SYSTEMD.glob("*.env.example"):
        found |= set(re.findall(r"^([A-Z_]+)=", example.read_text(), re.M))
    return found - OF_IMAGES


@pytest.mark.parametrize("name", sorted(named_variables()))
def test_every_variable_is_one_that_the_code_reads(name):
    of_a_side = re.sub(r"^(CRM|ERP|INTEGRATION)_", "<SIDE>_", name)

    assert {name, of_a_side} & {*read_variables(), "PYTHONUNBUFFERED"}


def test_a_variable_that_nobody_reads_is_noticed(tmp_path):
    module = tmp_path / "module.py"
    module.write_text('''"""READ_NOWHERE is said here only."""
given = {"TRUSTED_PROXIES": env_list("FORWARDED_ALLOW_IPS", "")}
os.environ["IS_SET"] = given["IS_ASKED"]
name = f"{side.upper()}_URL"
os.environ.get(name) or os.environ["IS_READ"]
''')

    assert read_in(module) == {"FORWARDED_ALLOW_IPS", "<SIDE>_URL", "IS_READ"}


def test_every_process_of_every_side_is_there_and_can_be_served():
    served = [
        tuple(service["command"][1:]) for service in SERVICES.values() if service.get("command", [""])[0] == "serve"
    ]

    assert sorted(served) == sorted((side, kind) for side in SIDES for kind in (*serve.PROCESSES[side], "prepare"))


@pytest.mark.parametrize("side", SIDES)
def test_what_up_runs_can_be_served_one_by_one(side, tmp_path):
    started = specs(side, {f"{side.upper()}_URL": "http://127.0.0.1:1"}, tmp_path)

    assert {spec.kind for spec in started} == set(serve.PROCESSES[side])


def test_the_company_is_prepared_once_somebody_says_whose_books_they_are():
    company = {"seed_company", "seed_statements", "load_tax_packs"}

    assert {words[0] for words in serve.steps("erp", {"COMPANY_CODE": "MINE"})} >= company
    assert not {words[0] for words in serve.steps("erp", {"COMPANY_CODE": ""})} & company
    assert serve.steps("crm", {"COMPANY_CODE": "MINE"}) == serve.steps("erp", {})
    assert "COMPANY_CODE" in SERVICES["erp-prepare"]["environment"]


def test_a_word_that_is_no_process_of_the_side_is_told_how_it_is_said(capsys):
    assert [serve.run(words) for words in (["crm", "watch"], ["hub", "web"], ["crm"])] == [2, 2, 2]
    assert capsys.readouterr().err.startswith("Say: ./manage.py serve crm|erp|integration web|relay|worker|prepare")


@pytest.mark.parametrize("side", SIDES)
def test_only_a_sides_own_containers_reach_its_database_and_see_its_files_and_secrets(side):
    for name, service in SERVICES.items():
        is_its_own = name.startswith(f"{side}-") or service.get("profiles") == ["tools"]
        mounted = {volume_of(mount) for mount in service.get("volumes", [])}
        private = {f"{side}-data", f"{side}-state", f"{side}-owner"} & mounted
        known = {secret for secret in service.get("secrets", []) if secret.startswith(f"{side}_")}

        assert is_its_own or not (side in service["networks"] or private or known), name


def test_no_running_process_sees_the_owner_or_the_superuser():
    for name, service in SERVICES.items():
        if name.endswith(("-web", "-relay", "-worker", "-watch")):
            secrets_seen = [secret for secret in service["secrets"] if secret.endswith("_postgres")]
            assert (secrets_seen, "owner" in str(service["volumes"])) == ([], False), name


def test_only_the_front_door_is_published():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["caddy"]
    assert all(COMPOSE["networks"][name]["internal"] for name in (*SIDES, "wire", "broker"))


def test_who_writes_to_the_world_or_asks_the_sides_has_a_way_there():
    """Workers send webhooks and mail, the watch tells alerts; relays, web servers and the hub's tasks ask the sides."""
    to_the_world = {name for name, service in SERVICES.items() if "outside" in service["networks"]}
    to_the_sides = {name for name, service in SERVICES.items() if "wire" in service["networks"]}

    assert to_the_world == {*(f"{side}-worker" for side in SIDES), "integration-watch"}
    assert to_the_sides == {
        *(f"{side}-{kind}" for side in SIDES for kind in ("web", "relay")), "integration-worker", "integration-watch",
    }  # fmt: skip
    assert COMPOSE["networks"]["outside"]["driver_opts"] == {"com.docker.network.bridge.enable_icc": "false"}


def test_only_the_front_door_is_believed_about_who_calls():
    (front,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    address = ip_address(SERVICES["caddy"]["networks"]["front"]["ipv4_address"])

    assert address in ip_network(front["subnet"])
    assert address not in ip_network(front["ip_range"]), "another container could get it"
    assert str(address) != front["gateway"]
    webs = [service["environment"] for name, service in SERVICES.items() if name.endswith("-web")]
    assert [told["FORWARDED_ALLOW_IPS"] for told in webs] == [str(address)] * len(SIDES)


def test_every_network_volume_and_secret_is_declared():
    for service in SERVICES.values():
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
        named = {volume_of(mount) for mount in service.get("volumes", [])}
        assert {name for name in named if not name.startswith(".")} <= set(COMPOSE["volumes"])


def test_secrets_are_written_once_in_a_closed_folder_and_can_be_read_by_the_containers_users(tmp_path):
    folder = tmp_path / "secrets"
    written = secrets.write(folder)

    wanted = {file["file"].removeprefix("./secrets/") for file in COMPOSE["secrets"].values()}
    assert {path.name for path in written} == wanted
    assert (folder.stat().st_mode & 0o777, {path.stat().st_mode & 0o777 for path in written}) == (0o700, {0o644})
    before = {path.name: path.read_text() for path in written}
    assert secrets.write(folder) == []
    assert {path.name: path.read_text() for path in folder.iterdir()} == before
    rabbit = json.loads(before["rabbitmq.json"])
    assert [(one["user"], one["vhost"]) for one in rabbit["permissions"]] == [(side, side) for side in SIDES]


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_run_as_the_sides_own_user_and_are_hardened(unit):
    parsed = configparser.RawConfigParser(strict=False)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(unit.read_text())
    service = dict(parsed["Service"])

    assert (service["User"], service["ProtectSystem"], service["NoNewPrivileges"]) == ("heming-%i", "strict", "yes")
    assert service["LoadCredential"].endswith((":/etc/heming/%i.env", ":/etc/heming/%i.owner"))
    words = service["ExecStart"].split()
    assert words[1:4] == ["manage.py", "serve", "%i"]
    assert unit.name == f"heming-{words[4]}@.service"


def test_there_is_a_unit_for_every_process():
    kinds = {"prepare"}.union(*serve.PROCESSES.values())

    assert [unit.name for unit in UNITS] == sorted(f"heming-{kind}@.service" for kind in kinds)


def test_what_is_for_the_house_is_not_for_the_street():
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    (closed,) = re.findall(r"@house path (.+)\n\trespond @house 404\n", text)
    patterns = closed.split()

    assert [path for path in HOUSE_PATHS if not any(fnmatch(f"/{path}", pattern) for pattern in patterns)] == []
    assert {pattern.removesuffix("/*").strip("/") for pattern in patterns} <= set(HOUSE_PATHS)
    assert len(re.findall(r"import house\n", text)) == len(SIDES)


def test_every_front_end_package_is_used_and_locked_without_an_address():
    asked = json.loads((ROOT / "package.json").read_text())
    lock = (ROOT / "package-lock.json").read_text()
    build = runpy.run_path(str(ROOT / "static" / "build.py"))
    taken = [*build["COPIED"], build["ICONS"].relative_to(build["MODULES"]).as_posix()]
    tried = "".join(path.read_text() for path in [*(ROOT / "tests").rglob("*.py"), *(ROOT / "proofs").rglob("*.py")])

    assert [name for name in asked["dependencies"] if not any(path.startswith(f"{name}/") for path in taken)] == []
    assert [name for name in asked["devDependencies"] if f"node_modules/{name}/" not in tried] == []
    assert {"node_modules/" + name for name in (*asked["dependencies"], *asked["devDependencies"])} <= set(
        json.loads(lock)["packages"]
    )
    assert (lock.count('"resolved"'), lock.count("registry")) == (0, 0)


@pytest.mark.parametrize("side", SIDES)
def test_djangos_own_check_has_nothing_to_say_about_production(side):
    name = side.upper()
    production = {
        "HEMING_HTTPS": "1",
        "ALLOWED_HOSTS": f"{side}.example.org",
        f"{name}_SECRET_KEY": py_secrets.token_urlsafe(48),
        f"{name}_DATABASE_URL": os.environ.get(f"{name}_DATABASE_URL", "postgresql://nobody@127.0.0.1/none"),
    }
    done = subprocess.run(
        [sys.executable, "manage.py", side, "check", "--deploy", "--fail-level=WARNING"],
        cwd=ROOT, env={**os.environ, **production}, capture_output=True, text=True,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n"), done.stderr
