"""The two words, as a person types them."""

import contextlib
import os
import shutil
import sys
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from deploy import control, databases, environment
from deploy.backup import manifest, secrets, servers
from deploy.backup.manifest import BadBackup, Manifest
from deploy.environment import SIDES
from deploy.supervisor import is_running

PASSPHRASE = "HEMING_BACKUP_PASSPHRASE"  # noqa: S105 -- the name of a variable
DOWN_TIMEOUT_S = 60.0
OK, FAILED, BAD_WORDS = 0, 1, 2


def run(word: str, rest: list[str]) -> int:
    """Do it; the number is the process's exit code."""
    force = "--force" in rest
    places = [each for each in rest if each != "--force"]
    if len(places) > 1 or (word == "restore" and not places) or (word == "backup" and force):
        usage = "backup [DIR]" if word == "backup" else "restore DIR [--force]"
        print(f"Say: ./manage.py {usage}", file=sys.stderr)
        return BAD_WORDS
    var = environment.var_dir()
    try:
        if word == "backup":
            print(backup(var, Path(places[0]) if places else None))
        else:
            restore(var, Path(places[0]), force)
            print(f"Restored into {var}; `./manage.py up` starts it.")
    except (BadBackup, servers.ServerFailed, psycopg.Error) as error:
        print(error, file=sys.stderr)
        return FAILED
    return OK


def backup(var: Path, place: Path | None = None) -> Path:
    """All three sides as of one moment, in a folder of their own; the deployment may run meanwhile."""
    taken_at = datetime.now(UTC)
    folder = (place or var / "backups" / taken_at.strftime("%Y-%m-%dT%H%M%SZ")).resolve()
    if folder.exists() and any(folder.iterdir()):
        raise BadBackup(f"{folder} is not empty.")
    if not (var / "keys" / "jwks.json").exists():
        raise BadBackup(f"There is nothing to back up in {var}.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    urls = servers.owner_urls(var)
    sides = {}
    with servers.one_moment(urls) as snapshots:
        for side in SIDES:
            servers.dump(urls[side], snapshots[side], folder / f"{side}.dump")
            sides[side] = {"migrations": servers.migrations(urls[side])}
    for side in SIDES:
        _pack_media(var / side / "media", folder / f"{side}.media.tar")
    passphrase = os.environ.get(PASSPHRASE, "")
    secrets.pack(var, folder, passphrase)
    Manifest(taken_at.isoformat(timespec="seconds"), bool(passphrase), sides).write(folder)
    return folder


def restore(var: Path, folder: Path, force: bool = False) -> None:
    """Put a backup in place of what is in `var`; nothing is touched before all of it was found whole."""
    told = manifest.read(folder)
    sealed = secrets.open_sealed(folder, told.encrypted, os.environ.get(PASSPHRASE, ""))
    if is_running(var):
        if not force:
            raise BadBackup(f"A deployment is running in {var}: stop it first, or say --force.")
        _stop(var)
    var.mkdir(parents=True, exist_ok=True)
    var.chmod(0o700)
    urls = servers.owner_urls(var)
    used = [side for side in SIDES if servers.has_tables(urls[side])]
    if used and not force:
        raise BadBackup(f"There is data already ({', '.join(used)}): say --force to replace all of it.")
    at_work = [side for side in SIDES if servers.guests(urls[side], f"{side}_app")]
    if at_work:
        raise BadBackup(f"Processes of {', '.join(at_work)} are connected: stop them first, they are not ours to stop.")
    for side in SIDES:
        servers.restore(urls[side], f"{side}_app", folder / f"{side}.dump")
        _unpack_media(folder / f"{side}.media.tar", var / side / "media")
        shutil.rmtree(var / side / "keys", ignore_errors=True)
        (var / side / "prepared.stamp").unlink(missing_ok=True)
        environment.write_private(var / side / "demo.stamp", "")
    secrets.unpack(folder, var, sealed)
    _hand_over(var)
    _forget_tasks(var)


def _forget_tasks(var: Path) -> None:
    """Messages of what was before; jobs are rows, and the schedule takes them up again."""
    for side in SIDES:
        url = environment.read(var, side).get(f"{side.upper()}_BROKER_URL", "")
        if url.startswith("pgmq://"):
            with psycopg.connect(url.replace("pgmq://", "postgresql://", 1), autocommit=True) as broker:
                broker.execute("DROP SCHEMA IF EXISTS pgmq CASCADE")
            databases.install_broker(url.replace("pgmq://", "postgresql://", 1))


def _hand_over(var: Path) -> None:
    """What root has written belongs to whom the folder belongs to: each side has a user of its own."""
    if os.geteuid() != 0:
        return
    for folder in (var / name for name in (*SIDES, "keys")):
        owner = folder.stat()
        for path in folder.rglob("*"):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _stop(var: Path) -> None:
    with contextlib.suppress(control.NotRunning):
        control.ask(var, do="down", side=None)
    deadline = time.monotonic() + DOWN_TIMEOUT_S
    while is_running(var):
        if time.monotonic() > deadline:
            raise BadBackup("The running deployment does not stop.")
        time.sleep(0.1)


def _pack_media(media: Path, into: Path) -> None:
    into.touch(mode=0o600)
    with tarfile.open(into, "w") as archive:
        if media.is_dir():
            archive.add(media, ".", filter=_plain)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Folders and files only."""
    return member if member.isfile() or member.isdir() else None


def _unpack_media(packed: Path, media: Path) -> None:
    shutil.rmtree(media, ignore_errors=True)
    with tarfile.open(packed) as archive:
        if archive.getmembers():
            media.mkdir(parents=True, mode=0o700)
            archive.extractall(media, filter="data")
