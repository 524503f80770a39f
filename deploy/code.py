"""Which code a side's processes were started with: an upgrade restarts what runs older code, and nothing else."""

import hashlib
import json
from pathlib import Path

from deploy import environment
from deploy.environment import ROOT

_FOLDERS = ("base", "crm", "erp", "integration", "deploy", "templates", "static", "locale", "requirements")
_READ_BY_NOBODY = {".pyc", ".po", ".md"}


def digest() -> str:
    """Changes with every file that a process may read."""
    found = hashlib.sha256()
    for top in _FOLDERS:
        for path in sorted((ROOT / top).rglob("*")):
            if path.is_file() and path.suffix not in _READ_BY_NOBODY:
                status = path.stat()
                found.update(json.dumps([str(path), status.st_size, status.st_mtime_ns]).encode())
    return found.hexdigest()


def remember(var: Path, side: str) -> None:
    """Said before the side's processes start: what comes meanwhile counts as newer than they are."""
    environment.write_private(_stamp(var, side), digest())


def runs(var: Path, side: str) -> bool:
    """Were the side's processes started with the code that is here now?"""
    return _stamp(var, side).exists() and _stamp(var, side).read_text() == digest()


def _stamp(var: Path, side: str) -> Path:
    return var / side / "code.stamp"
