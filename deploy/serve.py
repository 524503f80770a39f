"""`./manage.py serve SIDE PROCESS`: what `up` runs, one at a time, under somebody else's supervision.

systemd and containers start each process as a user of its side's own.  `prepare` makes roles and databases (where a
superuser's address is given), migrates as the owner and makes keys and static files; no demo user and no record.  The
ERP's company with its chart, layouts and tax is made where COMPANY_CODE says whose books they are.

HEMING_SUPERUSER_URL, HEMING_SUPERUSER_PASSWORD_FILE    the side's PostgreSQL, for `prepare` only
HEMING_OWNER_FILE                                        where `prepare` keeps the owner's address, out of others' sight
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from deploy import databases, environment, prepare
from deploy.environment import ROOT, SIDES
from deploy.processes import specs

_USUAL = ("web", "relay", "worker")
PROCESSES: dict[str, tuple[str, ...]] = {"crm": _USUAL, "erp": _USUAL, "integration": (*_USUAL, "watch")}
_ALWAYS = (("makekeys",), ("collectstatic", "--noinput", "--verbosity=0"))
_BOOKS = (("seed_company",), ("seed_statements",), ("load_tax_packs",))


def run(rest: list[str]) -> int:
    """Become the process, or prepare the side."""
    if len(rest) != 2 or rest[0] not in SIDES or rest[1] not in (*PROCESSES[rest[0]], "prepare"):
        print(f"Say: ./manage.py serve {'|'.join(SIDES)} web|relay|worker|prepare, or", file=sys.stderr)
        print("     ./manage.py serve integration watch", file=sys.stderr)
        return 2
    side, process = rest
    var = environment.var_dir()
    if process == "prepare":
        return _prepare(var, side)
    environ = prepare.process_environment(var, side)
    spec = next(spec for spec in specs(side, environ, var) if spec.kind == process)
    os.chdir(ROOT)
    return os.execve(spec.command[0], list(spec.command), dict(spec.environment))  # noqa: S606 -- our own command


def _prepare(var: Path, side: str) -> int:
    name = f"{side.upper()}_OWNER_DATABASE_URL"
    environment.ensure_secret_keys(var, [side])
    owner_url = _own_databases(var, side, name)
    if owner_url:
        os.environ[name] = owner_url
    owner = prepare.process_environment(var, side, owner=True)
    if name not in owner:
        print(f"{name} is not set, nor HEMING_SUPERUSER_URL: who may change the tables?", file=sys.stderr)
        return 1
    _manage(side, ("migrate", "--noinput"), owner)
    for words in steps(side, os.environ):
        _manage(side, words, prepare.process_environment(var, side))
    return 0


def steps(side: str, environ: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Commands of the side that prepare it, as its processes' role; each may be run again at any time."""
    return (*_ALWAYS, *_BOOKS) if side == "erp" and environ.get("COMPANY_CODE") else _ALWAYS


def _own_databases(var: Path, side: str, name: str) -> str:
    """Make roles and databases if a superuser's address is given; the owner's address, which stays in its own file."""
    file = Path(os.environ.get("HEMING_OWNER_FILE") or "/nowhere")
    known = file.read_text().strip() if file.exists() else ""
    superuser_url = _superuser_url()
    if not superuser_url:
        return known
    if known:
        environment.update(var, side, {name: known})
    databases.prepare(superuser_url, [side], var)
    if file.parent.exists():
        known = environment.read(var, side)[name]
        environment.write_private(file, known)
        environment.remove(var, side, name)
    return known


def _manage(side: str, words: tuple[str, ...], environ: dict[str, str]) -> None:
    subprocess.run([sys.executable, str(ROOT / "manage.py"), side, *words], cwd=ROOT, env=environ, check=True)


def _superuser_url() -> str:
    """With the password from its file, if it stands in one."""
    url, file = os.environ.get("HEMING_SUPERUSER_URL", ""), os.environ.get("HEMING_SUPERUSER_PASSWORD_FILE")
    if not url or not file:
        return url
    parts = urlsplit(url)
    password = quote(Path(file).read_text().strip(), safe="")
    login = f"{parts.username or 'postgres'}:{password}@{parts.hostname}:{parts.port or 5432}"
    return urlunsplit((parts.scheme, login, parts.path or "/postgres", parts.query, ""))
