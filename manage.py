#!/usr/bin/env python3
"""Heming's one command.  The first word names the side, the rest is Django; a few words manage the whole deployment.

./manage.py crm migrate            any Django command on one side: crm, erp or integration
./manage.py up [side]              start everything, or one side of the running deployment
./manage.py down [side]            stop everything, or one side of it
./manage.py status                 what runs, where
./manage.py reset                  throw all data away
./manage.py backup [DIR]           all three sides as of one moment, running or not
./manage.py restore DIR [--force]  put a backup in place; refuses to replace anything without --force
./manage.py upgrade                new code, same data: backup, tables, then one side after the other
./manage.py serve SIDE PROCESS     one process (web, relay, worker, watch) for systemd and containers; or `prepare`
./manage.py version                which release this is
./manage.py demo                   prove the whole thing on real orders, in a deployment of its own
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
SIDES = ("crm", "erp", "integration")
DEPLOYMENT_WORDS = ("up", "down", "status", "reset")
BACKUP_WORDS = ("backup", "restore")
OTHER_WORDS = (*DEPLOYMENT_WORDS, *BACKUP_WORDS, "upgrade", "serve", "version", "demo")
# These change tables, so they run as the owner of the side's database; everything else runs with the app role's rights.
OWNER_COMMANDS = {"migrate", "sqlmigrate", "showmigrations", "makemigrations", "flush", "createcachetable"}


def main(arguments: list[str]) -> int:
    """Hand the words to Django on one side, or to the deployment."""
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        print((__doc__ or "").strip())
        return 0
    if arguments[0] in ("--version", "version"):
        from base.release import RELEASE

        print(f"Heming {RELEASE}")
        return 0
    first, rest = arguments[0], arguments[1:]
    from deploy import environment

    environment.load_named_file()
    if first in SIDES:
        return _run_side(first, rest)
    if first in DEPLOYMENT_WORDS:
        from deploy import commands  # needs the installed packages, which the lines above must not

        return commands.run(first, rest)
    if first in BACKUP_WORDS:
        from deploy.backup import commands as backups

        return backups.run(first, rest)
    if first == "serve":
        from deploy import serve

        return serve.run(rest)
    if first == "upgrade":
        from deploy import upgrade

        return upgrade.run(rest)
    if first == "demo":
        from deploy.demo import play

        return play.main()
    print(f"./manage.py: {first!r} is neither a side ({', '.join(SIDES)}) nor one of {', '.join(OTHER_WORDS)}.")
    print(f"Did you mean:  ./manage.py crm {' '.join(arguments)}")
    return 2


def _run_side(side: str, rest: list[str]) -> int:
    from deploy import databases, environment

    var = environment.var_dir()
    if environment.needs_embedded(var, side):
        databases.ensure_embedded(var, [side])
    environment.load(var, side)
    os.environ["DJANGO_SETTINGS_MODULE"] = f"{side}.settings"
    if rest and rest[0] in OWNER_COMMANDS:
        os.environ["HEMING_DB_ROLE"] = "owner"
    elif os.environ.get("HEMING_DB_ROLE") != "owner":
        os.environ.pop(f"{side.upper()}_OWNER_DATABASE_URL", None)
    from django.core.management import execute_from_command_line

    execute_from_command_line([f"manage.py {side}", *(rest or ["help"])])
    return 0


def _use_project_python() -> None:
    """Run under .venv when it exists and we are outside any environment that has Django."""
    python = ROOT / ".venv" / "bin" / "python"
    inside = sys.prefix != sys.base_prefix
    if not inside and python.exists():
        os.execv(python, [str(python), *sys.argv])  # noqa: S606 -- the same words, the project's Python


if __name__ == "__main__":
    _use_project_python()
    sys.path.insert(0, str(ROOT))
    try:
        sys.exit(main(sys.argv[1:]))
    except ModuleNotFoundError as missing:
        if missing.name not in ("django", "psycopg"):
            raise
        sys.exit(f"Python package {missing.name!r} is not installed here: run `make install` first.")
