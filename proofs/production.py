"""The files of production, read by the programs that they are for: Caddy and systemd.

The Caddyfile stands before the CRM's web server as `serve crm web` starts it, with https by Caddy's own authority; only
its ports are others. The units are verified, users and folders made below a folder of this proof's own.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from deploy import environment
from deploy.environment import ROOT, SIDES
from deploy.prepare import free_ports
from deploy.processes import die_with_parent
from deploy.testing import install_debian
from deploy.trials import Cases, manage, own_server, say

NAME = "crm.localhost"
PATIENCE_S = 60.0
TOO_LARGE = b"x" * 13_000_000
OURS = re.compile(r"\.[0-9a-f]{12}\.\w+$")  # named after its content; the account pages' own scripts are not
EXPOSED_AT_MOST = 2.0  # of 10, as `systemd-analyze security` counts


def check(cases: Cases) -> None:
    """systemd's files, then the front door with a side behind it."""
    with own_server("crm") as var:
        _systemd(cases, var / "systemd")
        if not shutil.which("caddy"):
            install_debian("caddy")
        _front_door(cases, var)


# -- systemd -----------------------------------------------------------------------------------------------------------


def _systemd(cases: Cases, folder: Path) -> None:
    """Verified with this clone's Python in place of /opt/heming's."""
    shutil.copytree(ROOT / "deploy" / "systemd", folder)
    units = sorted(folder.glob("*.service"))
    for unit in units:
        text = unit.read_text().replace("/opt/heming/.venv/bin/python", sys.executable)
        unit.write_text(text.replace("/opt/heming", str(ROOT)))
        told = _run("systemd-analyze", "verify", str(unit))
        cases.that(told.returncode == 0 and not told.stderr, f"{unit.name}: {told.stderr}")
        of_a_side = shutil.copy(unit, unit.with_name(unit.name.replace("@", "@integration")))
        told = _run("systemd-analyze", "security", "--offline=true", str(of_a_side))
        level = re.search(r"exposure level for .*?: ([\d.]+)", told.stdout)
        cases.that(level and float(level[1]) <= EXPOSED_AT_MOST, f"{unit.name}: exposed, {told.stdout[-200:]}")
    root = folder / "root"
    (root / "etc").mkdir(parents=True)
    made = _run("systemd-sysusers", f"--root={root}", str(folder / "heming.sysusers.conf"))
    cases.that(made.returncode == 0, made.stderr)
    made = _run("systemd-tmpfiles", f"--root={root}", "--create", str(folder / "heming.tmpfiles.conf"))
    cases.that(made.returncode == 0, made.stderr)
    numbers = {line.split(":")[0]: int(line.split(":")[2]) for line in (root / "etc/passwd").read_text().splitlines()}
    for side in SIDES:
        kept = (root / "var/lib/heming" / side).stat()
        is_closed = (kept.st_uid, kept.st_mode & 0o777) == (numbers.get(f"heming-{side}"), 0o700)
        cases.that(is_closed, f"{side}: its folder is open to others")
    say(f"{len(units)} units")


# -- Caddy -------------------------------------------------------------------------------------------------------------


def _front_door(cases: Cases, var: Path) -> None:
    upstream, http, https = free_ports(3)
    for words in (("makekeys",), ("demo_users",), ("collectstatic", "--noinput", "--verbosity=0")):
        manage(var, "crm", *words)
    file = var / "Caddyfile"
    ports = f"{{\n\tadmin off\n\tskip_install_trust\n\thttp_port {http}\n\thttps_port {https}\n}}\n"
    file.write_text(ports + (ROOT / "deploy" / "Caddyfile").read_text())
    told = {"XDG_DATA_HOME": str(var / "data"), "XDG_CONFIG_HOME": str(var / "config"), "HOME": str(var)}
    told |= {"CRM_UPSTREAM": f"127.0.0.1:{upstream}", "PATH": os.environ["PATH"]}
    read = _run("caddy", "validate", "--adapter", "caddyfile", "--config", str(file), environ=told)
    cases.that(read.returncode == 0, f"caddy validate: {read.stderr[-500:]}")
    with _caddy(file, told), _served(var, upstream) as web:
        authority = var / "data/caddy/pki/authorities/local/root.crt"
        cases.that(_soon(authority.exists), "Caddy has made no authority of its own")
        street = httpx.Client(
            base_url=f"https://127.0.0.1:{https}", headers={"Host": f"{NAME}:{https}"}, verify=str(authority),
            trust_env=False, timeout=30,
        )  # fmt: skip
        with street:
            cases.that(_soon(lambda: _get(street, "/login/").status_code == 200), "the side is not to be had by https")
            _through_the_door(cases, street, upstream)
            _signed_in(cases, street, var, f"https://{NAME}:{https}")
            plain = httpx.get(f"http://127.0.0.1:{http}/", headers={"Host": f"{NAME}:{http}"}, trust_env=False)
            cases.that(plain.headers.get("Location", "").startswith("https://"), f"http: {plain.status_code}")
            web.terminate()
            web.wait(30)
            cases.that(_soon(lambda: _get(street, "/login/").status_code in (502, 503)), "nobody there, and no 503")
            with _served(var, upstream):
                back = _soon(lambda: _get(street, "/login/").status_code in (200, 302))  # signed in: sent on
                cases.that(back, "a side that is back is not taken in again")


def _through_the_door(cases: Cases, street: httpx.Client, upstream: int) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/events", "/events/feed", "/asks"):
        cases.that(_get(street, path).status_code == 404, f"{path} is to be had from the street")
    inside = httpx.get(f"http://127.0.0.1:{upstream}/readyz", trust_env=False)
    cases.that(inside.status_code == 200, f"the house's own question: {inside.status_code} {inside.text}")
    page = _get(street, "/login/")
    policy = page.headers.get("Content-Security-Policy", "")
    cases.that("default-src" in policy and "unsafe-inline" not in policy, f"policy: {policy}")
    cases.that("max-age" in page.headers.get("Strict-Transport-Security", ""), "no HSTS")
    cases.that(page.headers.get("Content-Encoding") in ("gzip", "zstd"), "a page is sent as it is, not compressed")
    for path in dict.fromkeys(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)):
        file = _get(street, path)
        kept = "immutable" in file.headers.get("Cache-Control", "")
        cases.that(file.status_code == 200, f"{path}: {file.status_code}")
        cases.that(kept or not OURS.search(path), f"{path} has its content in its name and is not kept for good")
    sent = street.post("/login/", content=TOO_LARGE, extensions={"sni_hostname": NAME})
    cases.that(sent.status_code in (403, 413), f"13 MB: {sent.status_code}")


def _signed_in(cases: Cases, street: httpx.Client, var: Path, origin: str) -> None:
    """A person who says that they call from elsewhere signs in; known is where they do call from."""

    from crm.access.models import SignIn  # the side is loaded by own_server

    user = json.loads((var / "crm" / "users.json").read_text())[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', _get(street, "/login/").text)
    body = {
        "username": user["username"],
        "password": user["password"],
        "csrfmiddlewaretoken": token[1] if token else "",
    }
    lies = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "http", "Origin": origin, "Referer": f"{origin}/login/"}
    answer = street.post("/login/", data=body, headers=lies, extensions={"sni_hostname": NAME})
    cases.that(answer.status_code == 302, f"signing in: {answer.status_code}")
    for cookie in answer.headers.get_list("Set-Cookie"):
        cases.that("Secure" in cookie and "SameSite" in cookie, f"a cookie for http too: {cookie.split('=')[0]}")
    addresses = set(SignIn.objects.values_list("ip_address", flat=True))
    cases.that(addresses == {"127.0.0.1"}, f"signed in from {addresses}")


def _get(street: httpx.Client, path: str) -> httpx.Response:
    try:
        return street.get(path, extensions={"sni_hostname": NAME})
    except httpx.TransportError as fault:
        return httpx.Response(599, text=str(fault))


@contextlib.contextmanager
def _caddy(file: Path, environ: dict[str, str]) -> Iterator[None]:
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)]
    with file.with_suffix(".log").open("ab") as log:
        caddy = subprocess.Popen(command, env=environ, stderr=log, preexec_fn=die_with_parent())
    try:
        yield
    finally:
        caddy.terminate()
        caddy.wait(30)


@contextlib.contextmanager
def _served(var: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """The side's web server, as systemd starts it."""
    told = {
        "HEMING_VAR": str(var),
        "HEMING_HTTPS": "1",
        "HEMING_BIND": f"127.0.0.1:{port}",
        "ALLOWED_HOSTS": f"{NAME},127.0.0.1",
        "CRM_URL": f"http://127.0.0.1:{port}",
        "ERP_URL": "http://127.0.0.1:9",
        "INTEGRATION_URL": "http://127.0.0.1:9",
    }
    with (var / "web.log").open("ab") as log:
        web = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "crm", "web"],
            cwd=ROOT,
            env=environment.elsewhere(os.environ) | told,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent(),
        )
    try:
        yield web
    finally:
        web.terminate()
        web.wait(30)


def _run(*command: str, environ: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, env=environ, capture_output=True, text=True)


def _soon(question: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if question():
            return True
        time.sleep(0.2)
    return False
