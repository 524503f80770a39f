"""The provider as a folder: requests lie in `outgoing`, answers come into `incoming`, one JSON file each.

Whoever talks to the tax bureau (a program of the provider, or a person) takes the requests away and puts answers there.
What was read lies in `taken`; what nobody here can do anything with lies in `aside`, with a text beside it that says
why.
"""

import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from pydantic import ValidationError

from erp.fapiao.provider import Answer, Brought

OUTGOING, INCOMING, TAKEN, ASIDE = "outgoing", "incoming", "taken", "aside"
BYTES_MAX = 256 * 1024
# Whoever does not write a file in one go has so long to finish it.
FINISHED_S = 5.0


class Folder:
    """Files below one folder; names come from request ids, or are those of files that lie in `incoming`."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or settings.FAPIAO_DIR

    def request(self, issue: dict[str, Any]) -> None:
        """One file, whole or not at all; the same request is the same file."""
        body = json.dumps(issue, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"
        path = self._made(OUTGOING) / f"{UUID(issue['request'])}.json"
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with draft.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def collect(self) -> Iterator[Brought]:
        """The answers that lie there, by name; what begins with a dot, or is being written, is left alone."""
        folder = self.root / INCOMING
        if not folder.is_dir():
            return
        for name in sorted(os.listdir(folder)):
            path = folder / name
            if name.startswith(".") or (path.is_dir() and not path.is_symlink()):
                continue
            brought = _read(path)
            if brought.answer is not None or _is_finished(path):
                yield brought

    def take(self, brought: Brought) -> None:
        """Into `taken`."""
        self._move(brought.name, TAKEN)

    def put_aside(self, brought: Brought, why: str) -> None:
        """Into `aside`, with the reason in a text beside it."""
        moved = self._move(brought.name, ASIDE)
        if moved is not None:
            moved.with_name(f"{moved.name}.why.txt").write_text(f"{why}\n", encoding="utf-8")

    def _move(self, name: str, where: str) -> Path | None:
        """Nothing that lies there is overwritten: another file of that name gets one that tells them apart."""
        path, folder = self.root / INCOMING / name, self._made(where)
        target = folder / name
        if os.path.lexists(target):
            # The very same name again, with the same words or with others.
            target = folder / f"{path.stem[:150]}.{_mark(path)}{path.suffix[:20]}"
        try:
            path.rename(target)
        except FileNotFoundError:
            return None  # another process was quicker
        return target

    def _made(self, name: str) -> Path:
        folder = self.root / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        return folder


def _read(path: Path) -> Brought:
    try:
        body = _bytes(path)
        return Brought(path.name, Answer.model_validate_json(body))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(one) for one in first["loc"])
        return Brought(path.name, None, f"{where}: {first['msg']}" if where else str(first["msg"]))
    except (OSError, ValueError) as error:
        return Brought(path.name, None, getattr(error, "strerror", None) or str(error))


def _bytes(path: Path) -> bytes:
    """Of a file that lies there itself: a link or a pipe might be anything."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise ValueError("it is no file")
        body = file.read(BYTES_MAX + 1)
    if len(body) > BYTES_MAX:
        raise ValueError(f"it is larger than {BYTES_MAX // 1024} KB")
    return body


def _is_finished(path: Path) -> bool:
    try:
        return time.time() - path.lstat().st_mtime >= FINISHED_S
    except FileNotFoundError:
        return False


def _mark(path: Path) -> str:
    told = path.lstat()
    return hashlib.sha256(f"{told.st_ino} {told.st_mtime_ns} {time.time_ns()}".encode()).hexdigest()[:12]
